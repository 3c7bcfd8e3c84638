import type { PolicySettings } from '../model/policy.ts';
import type { WebhookPreset } from '../notify/webhook/webhook-target.ts';
import type { BackoffSettings } from '../policy/restart-backoff.ts';
import type { RestartLimit } from '../policy/restart-limit.ts';
import type { RestartMode } from '../policy/should-restart.ts';
import type { Inherited } from '../worker/inherited.ts';

export const RESTART_MODES: readonly RestartMode[] = ['always', 'on-crash', 'never'];

export const KILL_MODES = ['control-group', 'process'] as const;
export type KillMode = (typeof KILL_MODES)[number];

/** Everything the agent needs to know, decided by its caller; the agent itself reads no arguments. */
export type AgentOptions = {
  command: readonly string[];
  /** Environment that the worker would have without us. */
  env: NodeJS.ProcessEnv;
  /** What else the worker would have without us. */
  inherited: Inherited;
  cwd: string;
  app: string;
  instance: string;
  /** Directory that file names in reports are relative to. */
  appRoot: string;
  /** Files of the same workspace are named from here on; null where the app is in none. */
  workspaceRoot: string | null;
  /** Did the operator give the app's name? Otherwise it is derived, and two apps can have one. */
  named: boolean;
  /** `appRoot` by the path that the shell had for it, where a link leads there. */
  place?: string;
  /** null where there is no home directory to keep it in. */
  stateDir: string | null;
  uid: number;
  policy: PolicySettings;
  restart: RestartMode;
  backoff: BackoffSettings;
  /** null: none. */
  restartLimit: RestartLimit | null;
  stopTimeoutMs: number;
  /** What ends with the worker at a stop and before a restart: all processes of its run, or it alone. */
  killMode: KillMode;
  /** Does a container end with crashmon? */
  endsContainer: boolean;
  tapStderr: boolean;
  /** May a debugger be attached to an armed worker? */
  attachDebugger: boolean;
  /** Why monitoring is switched off (the kill switch), null where it is on. */
  disabled: string | null;
  /** null: nothing is sent. */
  uplink: UplinkOptions | null;
  /** Secret: sent with each request. Apart from `uplink`, which others of this machine may see. */
  uplinkHeaders: Readonly<Record<string, string>>;
  /** null: nobody is told but by a portal. */
  notify: NotifyOptions | null;
  /** Apart from `notify`, which others of this machine may see. */
  notifySecrets: NotifySecrets;
};

/** Who is told of crashes, without a portal. */
export type NotifyOptions = {
  mail: MailTarget | null;
  webhook: WebhookOptions | null;
  /** An episode is over after so long without a crash. */
  quietMs: number;
  /** So long the first message waits for a call stack. */
  waitMs: number;
  /** Of the app. */
  appVersion: string | null;
};

export type MailTarget = {
  /** `smtp://user@host:port`, without a password. */
  server: string;
  /** The host alone. */
  host: string;
  from: string;
  to: string[];
  /** Read anew for each look; null where there is none, or the secrets have the password. */
  passwordFile: string | null;
};

/** The address itself is a secret with many services. */
export type WebhookOptions = {
  /** The host alone. */
  host: string;
  preset: WebhookPreset;
  allowPrivate: boolean;
  secretFile: string | null;
};

export type NotifySecrets = {
  password: string | null;
  webhook: string | null;
  webhookSecret: string | null;
};

export const NO_NOTIFY_SECRETS: NotifySecrets = { password: null, webhook: null, webhookSecret: null };

/** What no argument may hold. */
export type AgentSecrets = Pick<AgentOptions, 'uplinkHeaders' | 'notifySecrets'>;

/** Where crash records go. */
export type UplinkOptions = {
  kind: 'portal' | 'otlp';
  /** The full address of `/v1/logs`. */
  endpoint: string;
  /** File that holds the token, read anew for each request; null where the headers have it. */
  tokenFile: string | null;
  /** `service.version`: of the app. */
  appVersion: string | null;
  crashmonVersion: string;
};

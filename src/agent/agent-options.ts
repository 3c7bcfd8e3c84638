import type { PolicySettings } from '../model/policy.ts';
import type { RemoteControl } from '../model/remote-request.ts';
import type { WebhookPreset } from '../notify/webhook/webhook-target.ts';
import type { BackoffSettings } from '../policy/restart-backoff.ts';
import type { RestartLimit } from '../policy/restart-limit.ts';
import type { RestartMode } from '../policy/should-restart.ts';
import type { Inherited } from '../worker/inherited.ts';

export const RESTART_MODES: readonly RestartMode[] = ['always', 'on-crash', 'never'];

export const KILL_MODES = ['control-group', 'process'] as const;
export type KillMode = (typeof KILL_MODES)[number];

/** Everything the agent needs, decided by its caller; the agent reads no arguments. */
export type AgentOptions = {
  command: readonly string[];
  /** Environment of the worker without crashmon. */
  env: NodeJS.ProcessEnv;
  /** What else the worker would inherit without crashmon. */
  inherited: Inherited;
  cwd: string;
  app: string;
  instance: string;
  /** Directory that file names in reports are relative to. */
  appRoot: string;
  /** Files of the same workspace are named from here on; null if the app is in none. */
  workspaceRoot: string | null;
  /** Did the operator give the app's name? Otherwise it is derived, and two apps can have one. */
  named: boolean;
  /** `appRoot` by the path that the shell had for it, where a link leads there. */
  place?: string;
  /** null if there is no home directory to keep it in. */
  stateDir: string | null;
  uid: number;
  policy: PolicySettings;
  restart: RestartMode;
  backoff: BackoffSettings;
  /** null: none. */
  restartLimit: RestartLimit | null;
  stopTimeoutMs: number;
  /** What is ended at a stop and before a restart: all processes of the run, or the worker alone. */
  killMode: KillMode;
  /** Names of processes below the main one whose crashes count, beside those of known masters. */
  children: readonly string[];
  /** Is crashmon the first process of a container? */
  endsContainer: boolean;
  tapStderr: boolean;
  /** Analyses do not give way to the worker. */
  hurry?: boolean;
  /** Is it allowed to attach a debugger to an armed worker? */
  attachDebugger: boolean;
  /** Why monitoring is switched off (the kill switch), null if it is on. */
  disabled: string | null;
  /** null: nothing is sent. */
  uplink: UplinkOptions | null;
  /** Secret: sent with each request. Separate from `uplink`, which other users of this machine can see. */
  uplinkHeaders: Readonly<Record<string, string>>;
  /** null: no notifications, except by a portal. */
  notify: NotifyOptions | null;
  /** Separate from `notify`, which other users of this machine can see. */
  notifySecrets: NotifySecrets;
};

/** Recipients of notifications, without a portal. */
export type NotifyOptions = {
  mail: MailTarget | null;
  webhook: WebhookOptions | null;
  /** An episode is over after so long without a crash. */
  quietMs: number;
  /** How long the first message waits for a call stack. */
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
  /** Read each time; null if there is none, or the secrets hold the password. */
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

/** Never passed as an argument. */
export type AgentSecrets = Pick<AgentOptions, 'uplinkHeaders' | 'notifySecrets'>;

/** Where crash records go. */
export type UplinkOptions = {
  kind: 'portal' | 'otlp';
  /** The full address of `/v1/logs`. */
  endpoint: string;
  /** File that holds the token, read for each request; null if the headers have it. */
  tokenFile: string | null;
  /** `service.version`: of the app. */
  appVersion: string | null;
  crashmonVersion: string;
  /** What admins of the portal may ask for; absent: nothing. */
  remoteControl?: RemoteControl;
};

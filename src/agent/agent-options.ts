import type { PolicySettings } from '../model/policy.ts';
import type { BackoffSettings } from '../policy/restart-backoff.ts';
import type { RestartMode } from '../policy/should-restart.ts';

export const RESTART_MODES: readonly RestartMode[] = ['always', 'on-crash', 'never'];

/** Everything the agent needs to know, decided by its caller; the agent itself reads no arguments. */
export type AgentOptions = {
  command: readonly string[];
  /** Environment that the worker would have without us. */
  env: NodeJS.ProcessEnv;
  cwd: string;
  app: string;
  instance: string;
  /** Directory that file names in reports are relative to. */
  appRoot: string;
  stateDir: string;
  uid: number;
  policy: PolicySettings;
  restart: RestartMode;
  backoff: BackoffSettings;
  stopTimeoutMs: number;
  tapStderr: boolean;
  /** May a debugger be attached to an armed worker? */
  attachDebugger: boolean;
  /** Why monitoring is switched off (the kill switch), null where it is on. */
  disabled: string | null;
  /** null: nothing is sent. */
  uplink: UplinkOptions | null;
  /** Secret: sent with each request. Apart from `uplink`, which others of this machine may see. */
  uplinkHeaders: Readonly<Record<string, string>>;
};

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

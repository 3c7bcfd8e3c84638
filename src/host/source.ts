import type { LiveTail } from '../agent/raw-run.ts';
import type { ExitStatus, SupervisorReason } from '../model/exit.ts';

export type SourceKind = 'systemd' | 'systemd-user' | 'pm2' | 'docker' | 'podman' | 'kubernetes' | 'process';

/** What a supervisor of this host runs, and what it calls it. */
export type Service = {
  /** Unique on this host and the same after a reboot: `systemd:shop.service`, `pm2:/home/ann/.pm2:shop`, `process:shop`. */
  id: string;
  source: SourceKind;
  /** The app's name, unless the settings give another. */
  name: string;
  /** Distinguishes several of one service on this host (`shop@2.service`, PM2's pm_id); null if there is one. */
  replica: string | null;
  /** Resource attributes of OpenTelemetry: `container.*`, `k8s.*`, `systemd.unit`. Never of the app's making. */
  attributes: Readonly<Record<string, string>>;
};

/** One start of a service: its main process. */
export type ServiceStart = {
  service: Service;
  /** Unique for ever, the same whichever way it is learned: of boot id, the supervisor's id of this start, and pid. */
  key: string;
  pid: number;
  /** null where it is only known that it ran. */
  startTicks: number | null;
  startedAtMs: number;
  /** Restarts so far by the supervisor's own count; absent if it has none. */
  restarts?: number;
  /** What the supervisor executes; null if it does not know. Private. */
  command?: () => Promise<ServiceCommand | null>;
};

export type ServiceCommand = { argv: readonly string[]; cwd: string };

export type ServiceExit = {
  start: ServiceStart;
  status: ExitStatus;
  endedAtMs: number;
  /** It was requested from the supervisor (stop, restart, reload by restart). */
  asked: boolean;
  /** What the supervisor says besides the status; null if nothing. */
  because: SupervisorReason | null;
  /** The end of its standard error, as far as the supervisor kept it. */
  lastWords(): Promise<LiveTail | null>;
};

export type SourceListener = {
  started(start: ServiceStart): void;
  /**
   * Can come again, and before `started`: the receiver keeps what it has settled, by key. Settles once it is stored, or
   * cannot be.
   */
  exited(exit: ServiceExit): Promise<void>;
  /** Exits that happened unseen, and of which only the number is known: at least so many. */
  missed(service: Service, count: number): void;
  gone(service: Service): void;
  /** One sentence with what to do; the source goes on as well as it can. */
  problem(message: string): void;
};

/** One way to learn of services, their starts and their exits. */
export type HostSource = {
  readonly kind: SourceKind;
  /** Returns once what runs now was announced by `started`. */
  begin(listener: SourceListener): Promise<void>;
  end(): Promise<void>;
};

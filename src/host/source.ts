import type { LiveTail } from '../agent/raw-run.ts';
import type { ExitStatus, SupervisorReason } from '../model/exit.ts';
import type { NoWords } from './no-words.ts';

export type SourceKind =
  | 'systemd'
  | 'systemd-user'
  | 'pm2'
  | 'docker'
  | 'podman'
  | 'kubernetes'
  | 'container'
  | 'process';

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
  /** The supervisor starts it again with the same root directory, which must not be kept in use. */
  keepsRoot?: boolean;
  /** What the supervisor executes; null if it does not know. Private. */
  command?: () => Promise<ServiceCommand | null>;
  /** Why the supervisor does not keep what it prints last; null if it does. */
  noWords?: () => Promise<NoWords | null>;
  /** How the supervisor restarts it after a crash; null if it does not. */
  restart?: () => Promise<ServiceRestart | null>;
  /** Is the supervisor ending it now, because that was requested? Absent if that is not known. */
  isStopping?: () => boolean;
  /** What a process below the main one wrote last; absent if the supervisor does not keep it for each. */
  wordsOf?: (worker: { pid: number; startedAtMs: number }, endedAtMs: number) => Promise<WorkerWords | null>;
};

/** The end of what one process of a service wrote. */
export type WorkerWords = Pick<LiveTail, 'bytes' | 'offset' | 'writtenAtMs'> & {
  /** Other processes can have written it. */
  isShared: boolean;
};

export type ServiceRestart = {
  /** From the end of a run to the start of the next one. */
  afterMs: number;
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
   * Can come again, and before `started`: the receiver keeps what it has settled, by key. Settles once it is stored, which
   * can take as long as a disk is full; false: it is not stored, and the source reports it again later, or counts it.
   */
  exited(exit: ServiceExit): Promise<boolean>;
  /**
   * Exits that happened unseen, and of which only the number is known: at least so many. Settles once it is stored, or need not be;
   * false: it is not stored.
   * @param id with the same one it can come again, and is counted once
   */
  missed(service: Service, count: number, id?: string): Promise<boolean>;
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

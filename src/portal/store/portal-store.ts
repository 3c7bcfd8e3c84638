import type { AccessStore } from './access/access-store.ts';
import type { CopyStore } from './copies/copy-store.ts';
import type { DialectName } from './database/database.ts';
import type { NotificationStore } from './notifications/notification-store.ts';
import type { OutboxSignal } from './notifications/outbox-signal.ts';
import type { AppStore } from './read/app-store.ts';
import type { CrashStore } from './read/crash-store.ts';
import type { DumpStore } from './read/dump-store.ts';
import type { InstanceStore } from './read/instance-store.ts';
import type { SignatureStore } from './read/signature-store.ts';
import type { TimelineStore } from './read/timeline-store.ts';
import type { RequestStore } from './requests/request-store.ts';
import type { RecordStore } from './write/record-store.ts';

/** All that can be read about crashes. */
export type ReadStore = AppStore & InstanceStore & SignatureStore & CrashStore & TimelineStore & DumpStore;

export type OutboxStore = {
  readonly dialect: DialectName;
  readonly notifications: NotificationStore;
  readonly outboxSignal: OutboxSignal;
};

export type Housekeeping = {
  readonly dialect: DialectName;
  /** Deletes a little of what is older than the retention; true while there may be more. */
  pruneSome(nowMs: number): Promise<boolean>;
  /** Throws CrashmonError unless the database is there and writable. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

/**
 * The portal's database: SQLite in one file, or PostgreSQL for several portal processes. Each consumer takes only the
 * parts that it uses. All methods throw CrashmonError only.
 */
export type PortalStore = RecordStore &
  ReadStore &
  RequestStore &
  CopyStore &
  AccessStore &
  OutboxStore &
  Housekeeping;

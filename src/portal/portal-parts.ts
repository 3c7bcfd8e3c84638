import type { SmtpServer } from '../notify/mail/smtp-server.ts';
import type { Metrics } from './metrics.ts';
import type { AppLimits } from './store/limits.ts';
import type { PortalStore } from './store/portal-store.ts';

export type NotificationSending = {
  /** null: no mail is sent. */
  smtp: SmtpServer | null;
  /** `Crashmon <crashmon@example.com>`; null where there is no mail server. */
  mailFrom: string | null;
  /** Recipients of apps without their own settings. */
  mailTo: readonly string[];
  allowPrivateWebhooks: boolean;
};

/** From a secret of the operator. */
export type FirstAccount = { name: string; password: string };

export type PortalSettings = {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** As people reach it, without a slash at the end; null: made of host and port. */
  publicUrl: string | null;
  /** `postgres://…`, or null for SQLite in `dataDir`. */
  databaseUrl: string | null;
  /** Distributes the tables of apps over the nodes of Citus if they are not yet. */
  citus?: boolean;
  /** Absolute. */
  dataDir: string;
  tls: { certPath: string; keyPath: string } | null;
  /** Addresses of proxies whose X-Forwarded-* headers are trusted. */
  trustedProxies: string[];
  retentionDays: number;
  /** Instances that stopped or were silent for longer are folded into one; `INSTANCE_RETENTION_MS` if absent. */
  instanceRetentionMs?: number;
  /** After a stop was asked for: how long new connections are still answered, with `/readyz` 503. */
  drainDelayMs?: number;
  /** Created where there is no account; absent or null: by a link. */
  firstAccount?: FirstAccount | null;
  /** Who shows it may read `/metrics` from elsewhere; null: only this machine may. */
  metricsToken: string | null;
  /** Of encrypted dumps that instances send, all together; absent: none is taken. */
  dumpBytes?: number;
  /** Without it no mail is sent, and webhooks go to public addresses only. */
  notifications?: NotificationSending;
  /** `APP_LIMITS` where nothing else is said. */
  limits?: AppLimits;
};

type Write = (fields: object, message: string) => void;
export type PortalLog = { info: Write; warn: Write; error: Write };

/** What every room of the portal works with; `Store` is the part of the store that the room uses. */
export type PortalParts<Store = PortalStore> = {
  store: Store;
  settings: PortalSettings;
  /** Unix time in milliseconds. */
  now: () => number;
  log: PortalLog;
  metrics: Metrics;
  /** Address of a file of `assets/` or of uPlot's, by its name; it changes with the content of any of them. */
  assetUrl: (name: string) => string;
  /** The portal as people reach it, without a slash at the end; `settings.publicUrl` or what it listens on. */
  baseUrl: () => string;
  openConnections: () => number;
  /** Was a stop asked for? */
  isDraining: () => boolean;
  /** Do people reach it by HTTPS? Then cookies are `Secure`. */
  isSecure: boolean;
};

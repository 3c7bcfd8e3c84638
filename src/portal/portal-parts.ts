import type { FastifyBaseLogger } from 'fastify';
import type { PortalStore } from './store/portal-store.ts';

export type PortalSettings = {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** As people reach it, without a slash at the end; null: made of host and port. */
  publicUrl: string | null;
  /** `postgres://…`, or null for SQLite in `dataDir`. */
  databaseUrl: string | null;
  /** Absolute. */
  dataDir: string;
  tls: { certPath: string; keyPath: string } | null;
  /** Addresses of proxies whose X-Forwarded-* headers are believed; none unless told. */
  trustedProxies: string[];
  retentionDays: number;
};

/** What every part of the portal works with. */
export type PortalParts = {
  store: PortalStore;
  settings: PortalSettings;
  /** Unix time in milliseconds. */
  now: () => number;
  log: FastifyBaseLogger;
};

import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { BaseUrlStore } from '../../portal/store/access/access-store.ts';
import type { PortalStore } from '../../portal/store/portal-store.ts';
import type { CliContext } from '../context.ts';
import { hintFor } from '../hint.ts';
import { publicUrlValue } from '../options/public-url-value.ts';
import { line } from '../render/safe-text.ts';
import { addPortalStoreOptions, type PortalStoreOptions, portalPlaceOf } from './store-options.ts';

export type PortalVerbOptions = PortalStoreOptions & { json?: boolean };
/** Options of `crashmon portal` that also apply to its verbs. */
export type PortalAddress = { publicUrl?: string; host?: string; port?: number };

/** The actor in the audit log. */
export const BY_COMMAND = 'command line';

const HOST = '127.0.0.1';
const PORT = 4800;

/** The options of every verb that works on the portal's data beside it. */
export function addPortalVerbOptions(command: Command): Command {
  return addPortalStoreOptions(command).option('--json', 'print JSON');
}

/** The option that `portalAddress` reads. */
export function addPublicUrl(command: Command, about = 'public URL of the portal'): Command {
  return command.option('--public-url <url>', about, publicUrlValue);
}

/**
 * Works on the store that a portal may be using at the same time.
 * @throws CrashmonError DATABASE_UNUSABLE if there is none yet and `mayCreate` is not given
 */
export async function withPortalStore(
  options: PortalStoreOptions,
  context: CliContext,
  use: (store: PortalStore) => Promise<void>,
  { mayCreate = false }: { mayCreate?: boolean } = {},
): Promise<void> {
  const place = portalPlaceOf(options, context);
  const [{ openPortalStore }, { sqlitePath }] = await Promise.all([
    import('../../portal/store/open-portal-store.ts'),
    import('../../portal/store/database/open-sqlite.ts'),
  ]);
  if (!mayCreate && place.databaseUrl === null && !existsSync(sqlitePath(place.dataDir))) {
    throw new CrashmonError(
      'DATABASE_UNUSABLE',
      `No portal data in ${line(place.dataDir)}: start one with ${hintFor({}, context)('portal')}, or check --data-dir and --database.`,
    );
  }
  const store = await openPortalStore({ ...place, retentionDays: 90 });
  try {
    await use(store);
  } finally {
    await store.close();
  }
}

/** The URL of the portal: as given, else that of the last start, else the default, with a note on standard error. */
export async function portalAddress(
  store: BaseUrlStore,
  { publicUrl, host = HOST, port = PORT }: PortalAddress,
  { stderr }: CliContext,
): Promise<string> {
  if (publicUrl !== undefined) return publicUrl;
  if (host === HOST && port === PORT) {
    const kept = await store.baseUrl();
    if (kept !== null) return kept;
    stderr.write(
      `crashmon: The portal has not started yet, so this assumes http://${HOST}:${PORT}. For another address, give --public-url.\n`,
    );
  }
  const isEvery = host === '0.0.0.0' || host === '::';
  const name = isEvery ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

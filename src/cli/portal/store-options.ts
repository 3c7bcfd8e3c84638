import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { hostUrls } from '../../portal/store/database/postgres-hosts.ts';
import type { CliContext } from '../context.ts';
import { stateDirOf } from '../options/state-dir-option.ts';

export type PortalStoreOptions = { dataDir?: string; database?: string };

/** Where the portal keeps its data. Absolute directory, and `postgres://…` or null for SQLite in the directory. */
export type PortalPlace = { dataDir: string; databaseUrl: string | null };

/** For every portal verb that uses its data. */
export function addPortalStoreOptions(command: Command): Command {
  return command
    .option('--data-dir <dir>', 'data directory of the portal (default: portal in the state directory)')
    .option('--database <url>', 'postgres://… instead of SQLite (CRASHMON_DATABASE)', databaseValue);
}

export function portalPlaceOf(options: PortalStoreOptions, context: CliContext): PortalPlace {
  const { database, dataDir = context.env.CRASHMON_DATA_DIR || undefined } = options;
  if (dataDir === '') throw new CrashmonError('BAD_OPTION', '--data-dir needs a directory.');
  const fromEnvironment = context.env.CRASHMON_DATABASE || null;
  const databaseUrl = database ?? fromEnvironment;
  if (databaseUrl !== null && !isDatabaseUrl(databaseUrl)) {
    throw new CrashmonError('BAD_OPTION', `CRASHMON_DATABASE is not a PostgreSQL URL. ${DATABASE_SENTENCE}`);
  }
  return {
    dataDir: dataDir === undefined ? join(stateDirOf(undefined, context), 'portal') : resolve(dataDir),
    databaseUrl,
  };
}

const DATABASE_SENTENCE = 'Give a URL such as postgres://user@host/name.';

function databaseValue(text: string): string {
  if (!isDatabaseUrl(text)) throw new InvalidArgumentError(DATABASE_SENTENCE);
  return text;
}

function isDatabaseUrl(text: string): boolean {
  return hostUrls(text) !== null;
}

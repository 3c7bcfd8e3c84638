import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { RowProgress } from '../render/row-progress.ts';
import { line } from '../render/safe-text.ts';
import { addPortalStoreOptions, type PortalStoreOptions, portalPlaceOf } from './store-options.ts';

const BACKUP_HELP = `
A consistent snapshot, even while the portal runs, from SQLite or PostgreSQL. Only
its owner can read the file: it contains the hashes of passwords and tokens.

Examples:
  crashmon portal backup portal.backup
  crashmon portal backup --database postgres://portal@db/crashmon portal.backup`;

const RESTORE_HELP = `
Restores everything or nothing, and only into an unused data directory or database.
A backup of SQLite can be restored to PostgreSQL, and the reverse.

Examples:
  crashmon portal restore portal.backup --data-dir /srv/crashmon
  crashmon portal restore portal.backup --database postgres://portal@db/crashmon`;

/** `crashmon portal backup` and `restore`: all data of the portal, in one file. */
export function addPortalBackup(portal: Command, context: CliContext): void {
  const backup = portal
    .command('backup')
    .description('Back up all data of the portal into one file')
    .argument('<file>', 'file to write')
    .option('--force', 'replace an existing file');
  addPortalStoreOptions(backup)
    .addHelpText('after', BACKUP_HELP)
    .action((file: string) => backUp(file, backup.optsWithGlobals(), context));

  const restore = portal
    .command('restore')
    .description('Fill a new portal from a backup')
    .argument('<file>', 'file written by `crashmon portal backup`');
  addPortalStoreOptions(restore)
    .addHelpText('after', RESTORE_HELP)
    .action((file: string) => restoreFrom(file, restore.optsWithGlobals(), context));
}

async function backUp(
  file: string,
  options: PortalStoreOptions & { force?: boolean },
  context: CliContext,
): Promise<void> {
  const { backupStore } = await import('../../portal/store/backup/backup-store.ts');
  const progress = new RowProgress('Backing up', context);
  const settings = { ...portalPlaceOf(options, context), retentionDays: 0 };
  await untilInterrupted((signal) =>
    backupStore(settings, resolve(file), {
      force: options.force === true,
      onProgress: progress.show,
      signal,
    }),
  );
  context.stdout.write(`Backed up ${progress.end()} to ${line(file)}\n`);
}

async function restoreFrom(file: string, options: PortalStoreOptions, context: CliContext): Promise<void> {
  const { restoreStore } = await import('../../portal/store/backup/restore-store.ts');
  const progress = new RowProgress('Restoring', context);
  const settings = { ...portalPlaceOf(options, context), retentionDays: 0 };
  await untilInterrupted((signal) =>
    restoreStore(settings, resolve(file), { onProgress: progress.show, signal }),
  );
  context.stdout.write(`Restored ${progress.end()}. Start the portal with the same options.\n`);
}

/** Ctrl-C leaves nothing behind: unfinished work is undone first. */
async function untilInterrupted(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const interrupted = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => interrupted.abort(signal);
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    await work(interrupted.signal);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    process.kill(process.pid, interrupted.signal.reason);
    await new Promise(() => setInterval(() => {}, 1_000));
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { listDumps } from '../../dumps/list-dumps.ts';
import { unusable } from '../../dumps/store-directory.ts';
import { deleteDump, deleteHere, expireNow } from '../../dumps/sweep-dumps.ts';
import { troubleWords } from '../../explain/trouble-words.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { Instant } from '../../model/instant.ts';
import type { CliContext } from '../context.ts';
import { openJournals } from '../journals/open-journals.ts';
import { addJournalOptions, type JournalOptions } from '../options/journal-options.ts';
import { jsonText, line } from '../render/safe-text.ts';
import { type FoundDump, findDump } from './find-dumps.ts';

export function addSessionDelete(session: Command, context: CliContext): void {
  const remove = session
    .command('delete')
    .description('Delete a dump')
    .argument('<dump>', 'ID of the dump, or its first 4 or more digits')
    .addHelpText('after', '\nExample:\n  crashmon session delete 3f2a91c4');
  addJournalOptions(remove).action(async (id: string, options: JournalOptions) => {
    using open = openJournals(options, context);
    const dump = await findDump(open, id, context);
    if (dump.facts.remote === null) await deleteDump(dump);
    else await deleteThere(dump, context.now());
    if (existsSync(dump.path)) throw unusable(dump.path, 'the dump cannot be deleted');
    if (options.json) context.stdout.write(jsonText({ deleted: dump.facts.crash }));
    else context.stdout.write(`Deleted the dump of ${line(dump.facts.crash)}.\n`);
  });
}

/** Where the bucket is away, it is tried again as for a dump whose time is over. */
async function deleteThere(dump: FoundDump, now: Instant): Promise<void> {
  expireNow(dump, now);
  await deleteHere(dump);
  const { carryDumps } = await import('../../dumps/remote/carry-dumps.ts');
  const store = dirname(dump.factsPath);
  await carryDumps(store, now, dump.facts.crash);
  const left = (await listDumps(store)).find(({ facts }) => facts.crash === dump.facts.crash);
  if (left === undefined) return;
  const why = left.trouble === null ? 'it failed' : troubleWords(left.trouble.why);
  throw new CrashmonError(
    'DUMP_STORE_UNUSABLE',
    `The dump cannot be deleted in its bucket: ${why}. The agent tries again.`,
  );
}

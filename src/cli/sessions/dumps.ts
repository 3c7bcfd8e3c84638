import type { Command } from 'commander';
import type { UnfinishedDump } from '../../dumps/list-dumps.ts';
import { dumpKindWords } from '../../explain/dump-kind-words.ts';
import { exitWords } from '../../explain/exit-words.ts';
import { formatByteSize } from '../../formats/byte-size.ts';
import { formatDuration } from '../../formats/duration.ts';
import type { DumpFacts } from '../../model/dump.ts';
import { isOver } from '../../policy/expiry.ts';
import type { CliContext } from '../context.ts';
import { openJournals } from '../journals/open-journals.ts';
import { addJournalOptions, type JournalOptions } from '../options/journal-options.ts';
import { shortId } from '../render/crash-table.ts';
import { alignColumns, clip, wrap } from '../render/layout.ts';
import { jsonText, line } from '../render/safe-text.ts';
import { isoTime, localTime } from '../render/times.ts';
import { dumpsOf, type FoundDump, unfinishedOf, whereIs } from './find-dumps.ts';
import { unfinishedSentence } from './session-text.ts';

const HEADER = ['ID', 'TIME', 'APP', 'ENDED BY', 'SIZE', 'ENCRYPTED', 'DELETED IN'];

export function addSessionDumps(session: Command, context: CliContext): void {
  const dumps = session
    .command('dumps')
    .description('List the dumps that are kept, newest first')
    .argument('[app]', 'only those of this app')
    .addHelpText('after', '\nExample:\n  crashmon session dumps shop');
  addJournalOptions(dumps).action(async (app: string | undefined, options: JournalOptions) => {
    using open = openJournals(app === undefined ? options : { ...options, app }, context);
    const found = await dumpsOf(open, context);
    const unfinished = await unfinishedOf(open);
    if (options.json) {
      context.stdout.write(
        jsonText({ dumps: found.map(dumpJson), unfinished: unfinished.map(unfinishedJson) }),
      );
      return;
    }
    const sentence = unfinishedSentence(unfinished, context.now());
    context.stdout.write(found.length === 0 ? 'No dumps are kept.\n' : table(found, context));
    if (sentence !== null)
      context.stdout.write(`${wrap(`${sentence}.`, { indent: '', columns: context.columns })}\n`);
  });
}

/** The contract of `session dumps --json`. */
export function dumpJson(dump: FoundDump): object {
  const { facts } = dump;
  return {
    id: facts.crash,
    ...{ app: facts.app, instance: facts.instance, session: facts.session },
    exit: exitOf(facts),
    exceptionType: facts.exceptionType,
    ...{ executable: facts.executable, modules: facts.modules, encryption: facts.encryption },
    kind: facts.kind,
    run: facts.ofRun ?? facts.crash,
    memory: memoryOf(facts),
    whyNotAll: facts.whole === 'whole' ? null : facts.whole,
    ...{ sizeBytes: facts.sizeBytes, coreBytes: facts.coreBytes, path: whereIs(dump) },
    diedAt: isoTime(facts.diedAtMs),
    keptAt: isoTime(facts.keptAtMs),
    expiresAt: isoTime(facts.expiresAtMs),
  };
}

function unfinishedJson({ crash, sizeBytes, sinceMs }: UnfinishedDump): object {
  return { id: crash, sizeBytes, since: isoTime(sinceMs) };
}

/** What is in it of the worker's memory. */
function memoryOf({ kind, whole }: DumpFacts): 'all' | 'heap' | 'none' | 'stacks' | null {
  if (kind === 'core') return whole === 'whole' ? 'all' : 'stacks';
  // What .NET writes is for its settings to say.
  return kind === 'java-error' ? 'none' : kind === 'dotnet-dump' ? null : 'heap';
}

function exitOf({ status }: DumpFacts): object {
  return {
    code: status.type === 'code' ? status.code : null,
    signal: status.type === 'signal' ? status.signal : null,
  };
}

function table(dumps: readonly FoundDump[], context: CliContext): string {
  const now = context.now();
  const rows = dumps.map(({ facts }) => [
    shortId(facts.crash),
    localTime(facts.diedAtMs, context, now.wallMs),
    clip(line(facts.app), 24),
    facts.kind === 'core' ? line(exitWords(facts.status)) : dumpKindWords(facts.kind).name,
    formatByteSize(facts.sizeBytes),
    facts.encryption === 'age' ? 'yes' : 'no',
    isOver(facts, now) ? 'waits for bucket' : formatDuration(Math.max(0, facts.expiresAtMs - now.wallMs)),
  ]);
  return `${alignColumns([HEADER, ...rows]).join('\n')}\n`;
}

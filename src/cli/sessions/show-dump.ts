import type { Command } from 'commander';
import { dumpKindWords } from '../../explain/dump-kind-words.ts';
import { exitWords } from '../../explain/exit-words.ts';
import { wholeMemoryWords } from '../../explain/whole-memory-words.ts';
import { formatByteSize } from '../../formats/byte-size.ts';
import { formatDuration } from '../../formats/duration.ts';
import { readCoreContent } from '../../formats/elf/core-content.ts';
import { readPrivateLog } from '../../journal/private-log.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { DUMP_EXTENSIONS } from '../../model/dump.ts';
import type { CliContext } from '../context.ts';
import { type OpenJournals, openJournals } from '../journals/open-journals.ts';
import type { StoredCrash } from '../journals/stored-crash.ts';
import { storedReport } from '../journals/stored-report.ts';
import { addJournalOptions, type JournalOptions } from '../options/journal-options.ts';
import { shortId } from '../render/crash-table.ts';
import { reportText } from '../render/report-text.ts';
import { jsonText, line } from '../render/safe-text.ts';
import { contentJson, contentText } from './core-content-text.ts';
import { dumpJson } from './dumps.ts';
import { type FoundDump, findDump, whereIs } from './find-dumps.ts';
import { frameValuesText } from './frame-values-text.ts';
import { gdbCommand, shellWord } from './gdb-command.ts';
import { heapClasses, heapClassesText } from './heap-classes-text.ts';
import { openKept, readKept } from './open-kept.ts';

type ShowOptions = JournalOptions & { locals?: boolean; identity?: string };

export function addSessionShow(session: Command, context: CliContext): void {
  const show = session
    .command('show')
    .description(
      'Show the report of a dump’s crash: threads, registers, modules, and how to open it in gdb; of a heap snapshot, which constructors hold most memory',
    )
    .argument('<dump>', 'ID of the dump, or its first 4 or more digits')
    .option('--locals', 'also print arguments and locals of all frames, which gdb reads from the dump')
    .option('--identity <file>', 'age secret key, to read an encrypted dump')
    .addHelpText(
      'after',
      '\nExamples:\n  crashmon session show 3f2a91c4\n  crashmon session show 3f2a91c4 --locals --identity key.txt',
    );
  addJournalOptions(show).action(async (id: string, options: ShowOptions) => {
    if (options.json && options.locals)
      throw new CrashmonError('BAD_OPTION', '--locals is for the terminal: leave out --json.');
    using open = openJournals(options, context);
    const dump = await findDump(open, id, context);
    const crash = crashOf(dump);
    const report = crash === null ? null : storedReport(crash);
    if (dump.facts.kind === 'heap-snapshot') return await showHeap(dump, open, options, context);
    if (dump.facts.kind !== 'core') return showFile(dump, open, options, context);
    const core = await readKept(dump, options.identity);
    const content = core === null ? null : readCoreContent(core);
    if (core === null && options.locals) throw noCore(dump, options.identity);
    if (options.json) {
      const registers = registersOf(dump);
      const more = content === null ? {} : contentJson(content);
      context.stdout.write(
        jsonText({ ...dumpJson(dump), report, registers, ...more, open: openCommand(dump, open) }),
      );
      return;
    }
    const text =
      crash === null || report === null
        ? `${line(dump.facts.app)} crashed: ${line(exitWords(dump.facts.status))}. There is no report of it.\n`
        : reportText(report, crash, { all: true, threads: true }, open.hint, context);
    const read = content === null ? `${registersText(dump)}${modulesText(dump)}` : contentText(content);
    const values =
      core === null || content === null || !options.locals
        ? ''
        : await frameValuesText(core, dump.facts, content.modules);
    context.stdout.write(`${text}${read}${values}${dumpText(dump, open, context)}`);
  });
}

async function showHeap(
  dump: FoundDump,
  open: OpenJournals,
  options: ShowOptions,
  context: CliContext,
): Promise<void> {
  if (options.locals)
    throw new CrashmonError('BAD_OPTION', '--locals is for dumps of crashes: this is a heap snapshot.');
  const { ofRun, app } = dump.facts;
  const pieces = await openKept(dump, options.identity);
  const heap = pieces === null ? null : await heapClasses(pieces);
  const crash = crashOf(dump);
  if (options.json) {
    const report = crash === null ? null : storedReport(crash);
    context.stdout.write(jsonText({ ...dumpJson(dump), report, heap, open: openCommand(dump, open) }));
    return;
  }
  const title =
    crash === null
      ? `A heap snapshot of ${line(app)}, of a run that has not ended in a crash.\n`
      : `A heap snapshot of ${line(app)}, before it crashed: ${open.hint('show', shortId(ofRun ?? ''))}\n`;
  const classes =
    heap === null ? 'What holds most memory is in it: give --identity.\n' : heapClassesText(heap);
  context.stdout.write(`${title}\n${classes}${dumpText(dump, open, context)}`);
}

/** What a runtime has written by itself: crashmon does not look into it. */
function showFile(dump: FoundDump, open: OpenJournals, options: ShowOptions, context: CliContext): void {
  if (options.locals)
    throw new CrashmonError('BAD_OPTION', '--locals is for dumps of crashes: this is a file of the runtime.');
  const crash = crashOf(dump);
  const report = crash === null ? null : storedReport(crash);
  if (options.json) {
    context.stdout.write(jsonText({ ...dumpJson(dump), report, open: openCommand(dump, open) }));
    return;
  }
  const text =
    crash === null || report === null
      ? `${line(dump.facts.app)} crashed: ${line(exitWords(dump.facts.status))}. There is no report of it.\n`
      : reportText(report, crash, { all: true, threads: true }, open.hint, context);
  context.stdout.write(`${text}${dumpText(dump, open, context)}`);
}

function noCore(dump: FoundDump, identity: string | undefined): CrashmonError {
  return dump.facts.encryption === 'age' && identity === undefined
    ? new CrashmonError('BAD_OPTION', 'The dump is encrypted: --locals needs --identity.')
    : new CrashmonError('BAD_OPTION', 'The dump is too large for --locals: use "session get", and gdb.');
}

function crashOf({ facts, journal }: FoundDump): StoredCrash | null {
  const [exit] = journal.reader.exitsByPrefix(facts.ofRun ?? facts.crash);
  return exit === undefined ? null : { ...exit, journal };
}

/** Of the crashing thread, as the private log has them; null if that is no longer there. */
function registersOf({ facts, journal }: FoundDump): string[] | null {
  const log = readPrivateLog(journal.directory, facts.crash) ?? '';
  const section = /^Registers\n((?: {2}.*\n)+)/m.exec(log)?.[1];
  return section === undefined
    ? null
    : section
        .trimEnd()
        .split('\n')
        .map((each) => line(each.trim()));
}

function registersText(dump: FoundDump): string {
  const registers = registersOf(dump);
  if (registers === null) {
    const how =
      dump.facts.encryption === 'age' ? '"session show" prints them with --identity' : 'gdb: info registers';
    return `\nRegisters: in the dump (${how})\n`;
  }
  return `\nRegisters of the crashing thread:\n${registers.map((each) => `  ${each}\n`).join('')}`;
}

function modulesText({ facts }: FoundDump): string {
  if (facts.modules.length === 0) return '';
  const lines = facts.modules.map(({ path, buildId }) => `  ${line(buildId)}  ${line(path)}\n`);
  return `\nModules of the frames, with build IDs:\n${lines.join('')}`;
}

function dumpText(dump: FoundDump, open: OpenJournals, context: CliContext): string {
  const { sizeBytes, coreBytes, encryption, expiresAtMs, kind } = dump.facts;
  const left = formatDuration(expiresAtMs - context.now().wallMs);
  const as = kind === 'core' ? 'as a core' : `as a .${DUMP_EXTENSIONS[kind]} file`;
  const sizes = `${formatByteSize(sizeBytes)}, ${formatByteSize(coreBytes)} ${as}`;
  const secrecy = encryption === 'age' ? 'encrypted with age' : 'not encrypted';
  return `\nDump: ${line(whereIs(dump))}\n  ${sizes}, ${secrecy}, deleted in ${left}\n${memoryText(dump)}To open it:\n  ${openCommand(dump, open)}\n`;
}

function memoryText({ facts }: FoundDump): string {
  if (facts.whole === null) return '';
  if (facts.whole === 'whole') return '  All memory, also the heap\n';
  return `  Stacks without the heap, because ${wholeMemoryWords(facts.whole)}\n`;
}

/** One command: copies the dump and opens it. */
function openCommand({ facts }: FoundDump, { hint }: OpenJournals): string {
  const id = shortId(facts.crash);
  const core = `${id}.${DUMP_EXTENSIONS[facts.kind]}`;
  const identity = facts.encryption === 'age' ? ['--identity', '<file>'] : [];
  const get = hint('session', 'get', id, ...identity, '--output', core);
  if (facts.kind !== 'core') return `${get}, then ${dumpKindWords(facts.kind).openWith}`;
  return `${get} && ${gdbCommand(facts, shellWord(core))}`;
}

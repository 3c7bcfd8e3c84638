import { closeSync, constants, openSync, rmSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { dumpKindWords } from '../../explain/dump-kind-words.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { DUMP_EXTENSIONS, type DumpKind } from '../../model/dump.ts';
import type { CliContext } from '../context.ts';
import { openJournals } from '../journals/open-journals.ts';
import { addJournalOptions, type JournalOptions } from '../options/journal-options.ts';
import { jsonText, line } from '../render/safe-text.ts';
import { findDump } from './find-dumps.ts';
import { gdbCommand, shellWord } from './gdb-command.ts';
import { fileOf, openFile, openKept } from './open-kept.ts';

const SEALED = '.core.zst.age';

type GetOptions = JournalOptions & { output: string; identity?: string };

export function addSessionGet(session: Command, context: CliContext): void {
  const get = session
    .command('get')
    .description(
      'Copy a dump to a file that gdb opens, a heap snapshot to one that Chrome DevTools opens, or a file of the runtime as it was; without --identity an encrypted one stays encrypted',
    )
    .argument('<dump>', 'ID of the dump, or its first 4 or more digits; or a file from a portal')
    .requiredOption('--output <file>', 'file to write, 0600; it must not exist')
    .option('--identity <file>', 'age secret key, as age-keygen writes it')
    .addHelpText('after', '\nExample:\n  crashmon session get 3f2a91c4 --identity key.txt --output core');
  addJournalOptions(get).action(async (id: string, options: GetOptions) => {
    if (id.includes('/') || id.endsWith(SEALED)) return await getFile(id, options, context);
    using open = openJournals(options, context);
    const dump = await findDump(open, id, context);
    const { facts } = dump;
    const opened = await openKept(dump, options.identity);
    const isSealed = opened === null;
    const pieces = opened ?? (await fileOf(dump));
    const sizeBytes = await write(options.output, pieces);
    const { output } = options;
    if (options.json) {
      context.stdout.write(jsonText({ id: facts.crash, output, encrypted: isSealed, sizeBytes }));
      return;
    }
    if (facts.kind !== 'core') {
      context.stdout.write(fileText(facts.kind, output, isSealed));
      return;
    }
    const core = `${output}.core`;
    const next = isSealed
      ? `It is encrypted. To decrypt and open it:\n  age --decrypt --identity <key-file> ${shellWord(output)} | zstd -d -o ${shellWord(core)}\n  ${gdbCommand(facts, core)}`
      : `To open it:\n  ${gdbCommand(facts, output)}`;
    context.stdout.write(`Wrote ${line(output)}. ${next}\n`);
  });
}

/** Decrypts a dump that was downloaded from a portal. */
async function getFile(file: string, options: GetOptions, context: CliContext): Promise<void> {
  const { identity, output } = options;
  if (identity === undefined)
    throw new CrashmonError('BAD_OPTION', 'Give --identity: the file is encrypted.');
  const sizeBytes = await write(output, openFile(file, identity));
  const text = `Wrote ${line(output)}. To open it, with the program that ran:\n  gdb <program> ${shellWord(output)}\n`;
  context.stdout.write(options.json ? jsonText({ file, output, encrypted: false, sizeBytes }) : text);
}

function fileText(kind: Exclude<DumpKind, 'core'>, output: string, isSealed: boolean): string {
  const { openWith } = dumpKindWords(kind);
  const extension = DUMP_EXTENSIONS[kind];
  const isNamed = kind !== 'heap-snapshot' || output.endsWith(`.${extension}`);
  const next = isSealed
    ? `It is encrypted. To decrypt it:\n  age --decrypt --identity <key-file> ${shellWord(output)} | zstd -d -o dump.${extension}\nTo open that: ${openWith}.`
    : `To open it: ${openWith}.${isNamed ? '' : ` The name has to end in .${extension}.`}`;
  return `Wrote ${line(output)}. ${next}\n`;
}

/** Memory of the worker: it replaces nothing, and no other user can read it. @returns the length of the file */
async function write(path: string, pieces: AsyncIterable<Uint8Array>): Promise<number> {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  let fd: number | null = null;
  let length = 0;
  try {
    fd = openSync(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
    for await (const piece of pieces) {
      writeFileSync(fd, piece);
      length += piece.length;
    }
    closeSync(fd);
    return length;
  } catch (error) {
    if (fd !== null) {
      closeSync(fd);
      rmSync(path, { force: true });
    }
    if (error instanceof CrashmonError) throw error;
    const { code = 'unknown error', syscall } = error as NodeJS.ErrnoException;
    if (fd !== null && syscall !== 'write')
      throw new CrashmonError('DUMP_UNREADABLE', `The dump cannot be read: ${code}.`);
    const why = code === 'EEXIST' ? 'it exists already' : code;
    throw new CrashmonError('BAD_OPTION', `Cannot write --output ${line(path)}: ${why}.`);
  }
}

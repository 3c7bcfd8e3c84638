import { closeSync, openSync, writeFileSync } from 'node:fs';
import { readFileBuildId } from '../../formats/elf/build-id.ts';
import type { CoreModule } from '../../formats/elf/core-content.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { DumpFacts } from '../../model/dump.ts';
import { readAt } from '../../symbols/native/core-file.ts';
import { readFrameValues } from '../../symbols/native/frame-values.ts';
import { namelessFile } from '../nameless-file.ts';
import { line } from '../render/safe-text.ts';

/**
 * Arguments and locals, for the terminal: the core is in a file without a name while gdb reads it.
 * @throws CrashmonError DUMP_UNREADABLE
 */
export async function frameValuesText(
  core: Buffer,
  { executable }: DumpFacts,
  modules: readonly CoreModule[],
): Promise<string> {
  refuseOther(executable, modules);
  const fd = namelessFile();
  if (fd === null) throw unreadable('no directory takes a temporary file');
  try {
    writeFileSync(fd, core);
    const { lines, outcome } = await readFrameValues(fd, executable);
    if (outcome === 'missing') throw unreadable('gdb is not installed');
    if (lines.length === 0)
      throw unreadable(outcome === 'timed-out' ? 'gdb took too long' : 'gdb found no threads');
    const cut = outcome === 'done' ? '' : '  (gdb was stopped here: it took too long, or said too much)\n';
    return `\nArguments and locals, by gdb:\n${lines.map((each) => `  ${line(each)}`.trimEnd()).join('\n')}\n${cut}`;
  } finally {
    closeSync(fd);
  }
}

/** Symbols of another build would show values that are not true. */
function refuseOther(executable: string, modules: readonly CoreModule[]): void {
  const crashed = modules.find(({ path }) => path === executable)?.buildId ?? null;
  if (crashed === null) return;
  const found = buildIdOf(executable);
  if (found === crashed) return;
  const now = found === null ? 'it is not there' : `it has build ID ${found} now, and ${crashed} crashed`;
  throw unreadable(`gdb needs the program ${line(executable)}, and ${now}`);
}

function buildIdOf(path: string): string | null {
  let fd: number | null = null;
  try {
    const opened = openSync(path, 'r');
    fd = opened;
    return readFileBuildId((address, length) => readAt(opened, address, length));
  } catch {
    return null;
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

function unreadable(why: string): CrashmonError {
  return new CrashmonError('DUMP_UNREADABLE', `Arguments and locals cannot be shown: ${why}.`);
}

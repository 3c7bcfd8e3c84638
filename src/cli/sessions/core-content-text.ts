import type { CoreContent, CoreThread } from '../../formats/elf/core-content.ts';
import { line } from '../render/safe-text.ts';

const IN_A_LINE = 4;

/** Registers of all threads, and modules with build IDs. */
export function contentText({ threads, modules }: CoreContent): string {
  const registers = threads.map((thread, index) => {
    const who = `thread ${thread.tid}${index === 0 ? ', which crashed' : ''}`;
    return `\nRegisters of ${who}:\n${registerLines(thread)}`;
  });
  const lines = modules.map(({ path, start, buildId }) => {
    const name = buildId ?? 'no build ID'.padEnd(40);
    return `  ${name}  ${hex(start)}  ${line(path)}\n`;
  });
  return `${registers.join('')}\nModules, with build IDs:\n${lines.join('')}`;
}

/** For `session show --json`. */
export function contentJson({ threads, modules }: CoreContent): object {
  return {
    threads: threads.map(({ tid, registers }) => ({
      tid,
      registers: Object.fromEntries(registers.map(({ name, value }) => [name, hex(value)])),
    })),
    modules: modules.map(({ path, start, buildId }) => ({ path, start: hex(start), buildId })),
  };
}

function registerLines({ registers }: CoreThread): string {
  const cells = registers.map(({ name, value }) => `${name.padEnd(8)} ${hex(value)}`);
  let text = '';
  for (let at = 0; at < cells.length; at += IN_A_LINE)
    text += `  ${cells.slice(at, at + IN_A_LINE).join('  ')}\n`;
  return text;
}

function hex(value: bigint): string {
  return `0x${value.toString(16).padStart(16, '0')}`;
}

import { megabytes } from '../../explain/heap-words.ts';
import { MEMORY_HEADING, memorySection } from '../../explain/memory-words.ts';
import type { MemoryBeforeEnd } from '../../model/memory.ts';
import type { Colors } from './colors.ts';
import { alignColumns, bullet, wrap } from './layout.ts';

const LABEL_WIDTH = 'JavaScript'.length;

/** Where the memory was before it ran out; nothing if that is not known. */
export function memoryLines(memory: MemoryBeforeEnd | undefined, colors: Colors, columns: number): string[] {
  if (memory === undefined) return [];
  const { facts, tables, advice } = memorySection(memory);
  return [
    '',
    colors.bold(`${MEMORY_HEADING}:`),
    ...facts.map(({ label, value }) => {
      const text = wrap(value, { indent: ' '.repeat(LABEL_WIDTH + 4), columns });
      return `  ${label.padEnd(LABEL_WIDTH)}  ${text.trimStart()}`;
    }),
    ...tables.flatMap(({ heading, parts }) => [
      `  ${heading}`,
      ...alignColumns(
        parts.map(({ label, bytes, percent }) => [
          `    ${megabytes(bytes).padStart(10)}`,
          `${percent} %`.padStart(5),
          label,
        ]),
      ),
    ]),
    ...advice.map((text) => bullet(text, columns)),
  ];
}

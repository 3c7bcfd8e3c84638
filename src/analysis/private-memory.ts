import { megabytes } from '../explain/heap-words.ts';
import { MEMORY_HEADING, memorySection } from '../explain/memory-words.ts';
import type { CrashReport } from '../model/crash-report.ts';
import { printable } from './printable.ts';

/** Where the memory was before it ran out, with the names of the largest mappings. */
export function memoryText({ memory }: CrashReport): string {
  if (memory === undefined) return '';
  const { facts, tables } = memorySection(memory);
  const rows = [
    ...facts.map(({ label, value }) => `${label.padEnd(10)}  ${value}`),
    ...tables.flatMap(({ heading, parts }) => [
      heading,
      ...parts.map(({ label, bytes }) => `  ${megabytes(bytes).padStart(10)}  ${label}`),
    ]),
    ...(memory.largest.length === 0 ? [] : ['Largest mappings']),
    ...memory.largest.map(({ name, bytes }) => `  ${megabytes(bytes).padStart(10)}  ${name}`),
  ];
  return `${MEMORY_HEADING}\n${rows.map((row) => `  ${printable(row).replaceAll('\n', ' ')}\n`).join('')}`;
}

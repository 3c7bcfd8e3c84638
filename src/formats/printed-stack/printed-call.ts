import type { PrintedCall } from '../../model/last-words.ts';

export type { PrintedCall };

/** Calls innermost first; `type` as it stands in the text, null for the exception that the record names itself. */
export type PrintedException = { type: string | null; calls: PrintedCall[] };

/** Reads one line of a stack; null if it does not look like a call. `next` is the line below. */
export type LineParser = (line: string, next: string) => PrintedCall | null;

export function call(name: string | null, file: string | null, line?: string, column?: string): PrintedCall {
  return {
    function: name === null || name === '' ? null : name,
    file: file === null || file === '' ? null : file,
    line: line === undefined ? null : Number(line),
    column: column === undefined ? null : Number(column),
  };
}

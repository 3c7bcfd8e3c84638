import { readLastWords } from '../../../src/formats/last-words/readers.ts';
import type { LastWords, PrintedError } from '../../../src/model/last-words.ts';
import type { Runtime } from '../../../src/model/runtime.ts';

/** What a reader finds in a text, with these sources. Calls are `function file:line`, `?` before what nothing vouches for. */
export function readText(
  runtime: Runtime,
  text: string,
  sources: Readonly<Record<string, string>> = {},
): {
  words: LastWords | null;
  type: string | null;
  calls: string[];
  causes: [type: string | null, calls: string[]][];
} {
  const vouchers = {
    readSource: (file: string) => sources[file] ?? null,
    program: null,
    readClass: () => null,
  };
  const words = readLastWords(runtime, text, vouchers);
  return {
    ...{ words, type: words?.error.type ?? null, calls: words === null ? [] : callsOf(words.error) },
    causes: (words?.causes ?? []).map((cause) => [cause.type, callsOf(cause)]),
  };
}

function callsOf({ calls }: PrintedError): string[] {
  return calls.map(
    ({ function: name, file, line, vouched }) =>
      `${vouched === null ? '? ' : ''}${name ?? '-'} ${file ?? '-'}:${line ?? '-'}`,
  );
}

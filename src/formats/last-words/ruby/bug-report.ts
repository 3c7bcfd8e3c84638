import type { LastWords, PrintedCall } from '../../../model/last-words.ts';
import { rubyLine } from '../../printed-stack/ruby-line.ts';
import { believed } from '../source-voucher.ts';

const SIGNALS: readonly [RegExp, string][] = [
  [/^Segmentation fault/, 'SIGSEGV'],
  [/^Bus Error/, 'SIGBUS'],
  [/^Illegal instruction/, 'SIGILL'],
];
const CALLS = '-- Ruby level backtrace information ';
const MAX_SECTION = 2_000;

/** What Ruby prints when its own code fails, in sections: `[BUG] Segmentation fault at 0x…`. */
export function rubyBug(
  lines: readonly string[],
  check: (call: PrintedCall) => boolean | null,
): LastWords | null {
  const from = lines.findLastIndex(
    (line, index) => line.includes('[BUG] ') && VERSION.test(lines[index + 1] ?? ''),
  );
  if (from < 0) return null;
  const text = lines[from]?.slice(lines[from].indexOf('[BUG] ') + 6) ?? '';
  const start = lines.findIndex((line, index) => index > from && line.startsWith(CALLS));
  const section = start < 0 ? [] : lines.slice(start + 1, start + 1 + MAX_SECTION);
  const end = section.indexOf('');
  // The newest call comes last.
  const calls = section
    .slice(0, end < 0 ? undefined : end)
    .flatMap((line) => rubyLine(line)?.call ?? [])
    .reverse();
  return {
    form: 'bug',
    error: { type: null, members: [], cut: 0, ...believed(calls, check) },
    ...{ causes: [], thread: null, handled: false, pid: null },
    signal: SIGNALS.find(([pattern]) => pattern.test(text))?.[1] ?? null,
    version: VERSION.exec(lines[from + 1] ?? '')?.[1] ?? null,
    ...{ from, to: lines.length, linesAfter: 0 },
  };
}

const VERSION = /^ruby (\d{1,3}\.\d{1,3}\.\d{1,3})\S* \(/;

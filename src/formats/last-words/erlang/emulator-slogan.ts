import type { LastWords, VouchedCall } from '../../../model/last-words.ts';

const DUMP = /^Crash dump is being written to: .{1,1000}?(?:\.\.\.done)?$/;
const BOOT = /^(?:init terminating in |Runtime terminating during boot \(|Kernel pid terminated \()/;
const NO_MEMORY = /^(?:\w+_alloc: )?Cannot (?:re)?allocate \d+ bytes of memory|^\w+_alloc: Cannot /;
const MAX_LINES_AFTER = 20;
const MAX_CALLS = 100;

/**
 * What Erlang's emulator says when it ends: a slogan, and where it writes a crash dump, which is private and never read. Calls have
 * no lines: `init terminating in do_boot ({badarg,[{shop,pay,2,[…]},…]})`.
 */
export function emulatorSlogan(lines: readonly string[]): LastWords | null {
  const first = Math.max(0, lines.length - MAX_LINES_AFTER);
  const end = lines.findLastIndex((line, index) => index >= first && (BOOT.test(line) || DUMP.test(line)));
  if (end < 0) return null;
  const slogan = lines.slice(0, end + 1).findLastIndex((line) => line !== '' && !DUMP.test(line));
  const text = lines[slogan] ?? '';
  const isBoot = BOOT.test(text);
  return {
    form: isBoot ? 'boot' : NO_MEMORY.test(text) ? 'out-of-memory' : 'halt',
    error: {
      type: isBoot ? (/\((?:\(|\{|"|\[)*([a-z][a-z_]{1,60}),/.exec(text)?.[1] ?? null) : null,
      calls: isBoot ? callsIn(text) : [],
      ...{ members: [], refuted: 0, cut: 0 },
    },
    ...{ causes: [], thread: null, handled: false, pid: null, signal: null, version: null },
    from: Math.max(slogan, 0),
    to: end + 1,
    linesAfter: lines.slice(end + 1).filter((line) => line !== '').length,
  };
}

/** `{shop,pay,2,[…]}`; the innermost can have its arguments in the place of their number: `{erlang,list_to_integer,…,[…]}`. */
function callsIn(text: string): VouchedCall[] {
  const list = text.indexOf('[{');
  if (list < 0) return [];
  const calls = text.slice(list + 1);
  const [, module, name] = /^\{([a-z]\w{0,60}),([a-z]\w{0,60}),(?!\d{1,3},\[)/.exec(calls) ?? [];
  const others = Array.from(
    calls.matchAll(/\{([a-z]\w{0,60}),([a-z]\w{0,60}),(\d{1,3}),\[/g),
    ([, inner, called, arity]) => `${inner}:${called}/${arity}`,
  );
  const names = module === undefined ? others : [`${module}:${name}`, ...others];
  return names.slice(0, MAX_CALLS).map((called) => ({
    ...{ function: called, file: null, line: null, column: null, vouched: null },
  }));
}

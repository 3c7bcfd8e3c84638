import type { LastWords, VouchedCall, Vouchers } from '../../../model/last-words.ts';
import { call } from '../../printed-stack/printed-call.ts';

const FATAL = '# A fatal error has been detected by the Java Runtime Environment:';
const NO_MEMORY = '# There is insufficient memory for the Java Runtime Environment to continue.';
/** The lines that begin with `#`. */
const MAX_HEAD = 40;
const MAX_CALLS = 500;
/** From the head to its stacks. */
const MAX_LINES = 2_000;

/**
 * A fatal error of the JVM itself, from `hs_err_pid<pid>.log` or from standard error (`-XX:+ErrorFileToStderr`). Only
 * the kind of error, the version, and the stack of the crashing thread are read: the rest holds the command line, the
 * environment, registers and memory.
 */
export function readFatalError(lines: readonly string[], vouchers: Vouchers): LastWords | null {
  const from = lines.findLastIndex((line) => line === FATAL || line === NO_MEMORY);
  if (from < 0) return null;
  const head = lines.slice(from, from + MAX_HEAD);
  const place = head
    .map((line) => /^# {2}([A-Z][\w ]{1,40}) .{0,200}pid=(\d{1,10}), tid=\d{1,10}$/.exec(line))
    .find(Boolean);
  if (!place) return null;
  const [, kind = '', pid] = place;
  const version = head
    .map((line) => /^# JRE version: .{0,200}\((\d[\w.+-]{0,60})\) \(/.exec(line)?.[1])
    .find(Boolean);
  const isMemory =
    lines[from] === NO_MEMORY ||
    head.some((line) => line.startsWith('#  fatal error: OutOfMemory encountered'));
  const calls = stackIn(lines.slice(from, from + MAX_LINES), vouchers);
  return {
    form: isMemory ? 'fatal-out-of-memory' : 'jvm-fatal-error',
    error: {
      type: isMemory ? 'java.lang.OutOfMemoryError' : null,
      calls: calls.slice(0, MAX_CALLS),
      ...{ members: [], refuted: 0, cut: Math.max(0, calls.length - MAX_CALLS) },
    },
    ...{ causes: [], thread: null, handled: false, pid: Number(pid), version: version ?? null },
    signal: /^SIG[A-Z]{2,6}$/.test(kind) ? kind : null,
    ...{ from, to: lines.length, linesAfter: 0 },
  };
}

/** The calls of the crashing thread; those in Java alone if the native stack has none of them. */
function stackIn(lines: readonly string[], vouchers: Vouchers): VouchedCall[] {
  const native = sectionIn(lines, 'Native frames:');
  const hasJava = native.some((line) => /^[jJ] /.test(line));
  const all = hasJava ? native : [...native, ...sectionIn(lines, 'Java frames:')];
  return all.flatMap((line) => javaCall(line, vouchers) ?? nativeCall(line) ?? []);
}

function sectionIn(lines: readonly string[], heading: string): readonly string[] {
  const from = lines.findIndex((line) => line.startsWith(heading));
  if (from < 0) return [];
  const length = lines.slice(from).indexOf('');
  return lines.slice(from + 1, length < 0 ? undefined : from + length);
}

/** `j  com.shop.Main.poke(I)V+23` (interpreted), `J 214 c2 com.shop.Main.walk(I)I (7 bytes) @ 0x…` (compiled) */
function javaCall(line: string, { readClass }: Vouchers): VouchedCall | null {
  const [, name] =
    /^(?:j {2}|J \d{1,9}%? {1,2}(?:c[12] )?)((?:[\w$-]{1,200}\.){1,40}[\w$<>-]{1,200})\(/.exec(line) ?? [];
  if (name === undefined) return null;
  const dot = name.lastIndexOf('.');
  const found = readClass(name.slice(0, dot));
  const isMethod = found?.methods.has(name.slice(dot + 1)) ?? false;
  return { ...call(name, isMethod ? (found?.sourceFile ?? null) : null), vouched: isMethod ? true : null };
}

/** `V  [libjvm.so+0xed2f94]  Unsafe_PutLong+0x124`, `C  [libc.so.6+0x8a3f1]  [clone .part.0]+0x11` */
function nativeCall(line: string): VouchedCall | null {
  const [, image, name = ''] =
    /^[VCA] {2}\[([\w.+-]{1,200})\+0x[0-9a-f]{1,16}\](?: {2}(.{1,1000}))?$/.exec(line) ?? [];
  if (image === undefined) return null;
  const end = name.search(/\(|\+0x/);
  const symbol = end < 0 ? name : name.slice(0, end);
  return { ...call(SYMBOL.test(symbol) ? symbol : null, image), vouched: null };
}

/** Without its parameters. */
const SYMBOL = /^[A-Za-z_~][\w~:<>,*& ]{0,500}$/;

/** Where and in which thread Rust says that a panic happened; its message follows or is between. */
export type PanicHeading = {
  /** The line, and the one after the place. */
  from: number;
  to: number;
  isMain: boolean;
  /** The thread's ID, since Rust 1.92 or so; the main thread's is the process's. */
  threadId: number | null;
  file: string;
  line: number;
  column: number;
};

/** The place of an older form stands below a message of at most this many lines. */
const MAX_MESSAGE_LINES = 200;

/**
 *     thread 'main' (16057) panicked at src/cart.rs:2:7:        above the message
 *     thread 'main' panicked at 'message', src/cart.rs:2:7      before Rust 1.73
 */
export function panicHeadingAt(lines: readonly string[], from: number): PanicHeading | null {
  const line = lines[from] ?? '';
  const at = line.startsWith("thread '") ? line.indexOf(' panicked at ') : -1;
  const [, name, id] =
    at < 0 ? [] : (/^thread '([^']{0,200})'(?: \((\d{1,10})\))?$/.exec(line.slice(0, at)) ?? []);
  if (name === undefined) return null;
  const thread = { from, isMain: name === 'main', threadId: id === undefined ? null : Number(id) };
  const rest = line.slice(at + ' panicked at '.length);
  if (!rest.startsWith("'")) {
    const place = rest.endsWith(':') ? placeOf(rest.slice(0, -1)) : null;
    return place === null ? null : { ...thread, ...place, to: from + 1 };
  }
  for (let below = from; below < Math.min(lines.length, from + MAX_MESSAGE_LINES); below++) {
    const text = lines[below] ?? '';
    const end = text.lastIndexOf("', ");
    const place = end < 0 ? null : placeOf(text.slice(end + 3));
    if (place !== null) return { ...thread, ...place, to: below + 1 };
  }
  return null;
}

function placeOf(text: string): Pick<PanicHeading, 'file' | 'line' | 'column'> | null {
  const [, file, line, column] = /^(.{1,500}):(\d{1,7}):(\d{1,7})$/.exec(text) ?? [];
  return file === undefined
    ? null
    : { file: file.replace(/^\.\//, ''), line: Number(line), column: Number(column) };
}

/** A message of one line starts within this many characters, after the name of the type. */
const MAX_PREFIX = 300;

/**
 * Removes the exception message from a stack: runtimes print it above the calls, Python below them. Lines of a message
 * can look like calls and must not become frames.
 */
export function cutMessage(stack: string, message: string): string {
  if (message.trim() === '') return stack;
  if (message.includes('\n')) return cutLines(stack, message.replaceAll('\r\n', '\n'));
  const first = stack.indexOf(message);
  if (first >= 0 && first <= MAX_PREFIX) return cut(stack, first, message.length);
  const last = stack.lastIndexOf(message);
  const isAtEnd = last >= 0 && stack.slice(last + message.length).trim() === '';
  return isAtEnd ? cut(stack, last, message.length) : stack;
}

/** Calls have one line, so several lines are removed wherever they are. Go indents them; Windows has other line ends. */
function cutLines(stack: string, message: string): string {
  return [message, message.replaceAll('\n', '\r\n'), message.replaceAll('\n', '\n\t')].reduce(
    (text, printed) => text.replaceAll(printed, () => ''),
    stack,
  );
}

function cut(text: string, start: number, length: number): string {
  return `${text.slice(0, start)}${text.slice(start + length)}`;
}

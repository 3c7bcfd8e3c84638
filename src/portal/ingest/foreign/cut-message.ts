/** Where a message of one line starts at the latest: behind the name of the type. */
const MAX_PREFIX = 300;

/**
 * The stack without the message that its sender names: runtimes print it above the calls, Python below them. A message can
 * hold lines that look like calls; nothing of it may be taken for one.
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

/** No call is longer than a line, so it can be cut wherever it stands; Go indents it, Windows ends lines in its own way. */
function cutLines(stack: string, message: string): string {
  return [message, message.replaceAll('\n', '\r\n'), message.replaceAll('\n', '\n\t')].reduce(
    (text, printed) => text.replaceAll(printed, () => ''),
    stack,
  );
}

function cut(text: string, start: number, length: number): string {
  return `${text.slice(0, start)}${text.slice(start + length)}`;
}

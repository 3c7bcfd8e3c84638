/** What the app wrote, of a log of PM2: with `log_type: json` each write is one line of JSON. */
export function readLogText(bytes: Buffer): Buffer {
  if (bytes[0] !== '{'.charCodeAt(0)) return bytes;
  const messages: string[] = [];
  for (const line of bytes.toString().split('\n').filter(Boolean)) {
    const message = messageOf(line);
    if (message === null) return bytes;
    messages.push(message);
  }
  return Buffer.from(messages.join(''));
}

function messageOf(line: string): string | null {
  try {
    const { message, type } = JSON.parse(line) as { message?: unknown; type?: unknown };
    return typeof message === 'string' && typeof type === 'string' ? message : null;
  } catch {
    return null;
  }
}

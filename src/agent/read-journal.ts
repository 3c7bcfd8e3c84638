import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A machine that is short of everything must not keep a reader for ever. */
const LIMIT_MS = 60_000;

/**
 * Runs journalctl and hands over each line, until `onLine` returns false.
 * @returns why it failed, one sentence; null if it did not
 */
export async function readJournal(
  args: readonly string[],
  onLine: (line: string) => boolean,
): Promise<string | null> {
  const child = spawn('journalctl', ['--quiet', '--no-pager', '--output=json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let complaint = '';
  let isEnough = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(0, 500);
  });
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    if (isEnough || onLine(line)) return;
    isEnough = true;
    child.kill('SIGKILL');
  });
  try {
    const [code, signal] = await once(child, 'close');
    if (isEnough || code === 0) return null;
    const why = complaint.split('\n')[0]?.trim() || (signal === null ? `exit code ${code}` : signal);
    return `journalctl failed: ${why}`;
  } catch (error) {
    return `journalctl cannot be started: ${(error as Error).message}`;
  }
}

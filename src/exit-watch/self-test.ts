import { spawn } from 'node:child_process';
import { readProcessStat } from '../worker/process-info.ts';
import type { ExitWatch } from './exit-watch.ts';
import { readNodeLayout } from './node-layout.ts';
import { readUncaught } from './read-uncaught.ts';

const SCRIPT =
  "process.stdin.once('data', () => { throw new RangeError('self-test'); }); console.log('ready');";
/** A busy machine starts Node in a second. */
const LIMIT_MS = 10_000;

/**
 * Is an exception read from a process that ends by one? It runs a Node of our own for that. Besides, code that never ran
 * takes tens of milliseconds, for which the first worker would be held otherwise.
 */
export async function runSelfTest(watch: ExitWatch): Promise<boolean> {
  const child = spawn(process.execPath, ['-e', SCRIPT], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {},
    cwd: '/',
  });
  const { stdin, stdout, pid } = child;
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  stdin.on('error', () => {});
  try {
    const started = new Promise<void>((resolve) => stdout.once('data', () => resolve()));
    await Promise.race([started, ended]);
    const startTicks = pid === undefined ? undefined : readProcessStat(pid)?.startTicks;
    if (pid === undefined || startTicks === undefined) return false;
    const layout = readNodeLayout(pid);
    const watched = await watch.watch({ pid, startTicks }, { hold: true });
    if ('failed' in watched || layout === null) return false;
    let isRead = false;
    watched.onHeld((held) => {
      isRead = readUncaught(held, layout, Date.now())?.thrown?.message === 'self-test';
    });
    stdin.end('\n');
    await watched.exited;
    return isRead;
  } finally {
    child.kill('SIGKILL');
    await ended;
    clearTimeout(timer);
  }
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const options = { timeout: 60_000, maxBuffer: 64 * 1024 * 1024 };

/** Frames of one thread, as the tool prints them. */
export type PrintedStack = string[];

/**
 * Frames of the crashing thread by gdb, after the one it begins with, which it prints twice; what it says beside frames
 * (warnings, threads) is left out.
 */
export async function gdbFrames(executable: string, core: string, most = 64): Promise<PrintedStack> {
  const settings = ['set print frame-arguments none', 'set debuginfod enabled off', 'set width 0'];
  // To read the debug information of the C library, where it is installed, takes three times as long as all else.
  settings.push('set debug-file-directory /none');
  const commands = settings.flatMap((command) => ['-iex', command]);
  const args = ['-nx', '-batch', ...commands, executable, core, '-ex', `bt ${most}`];
  const { stdout } = await run('gdb', args, options).catch((error) => error);
  return String(stdout)
    .split('\n')
    .filter((line) => /^#\d+ /.test(line));
}

/** Frames of all threads by eu-stack, the crashing thread first, with inlined functions and lines. */
export async function euStackFrames(executable: string, core: string, most = 64): Promise<PrintedStack[]> {
  const args = ['-n', String(most), '-i', '-s', '-m', '-b', `--core=${core}`, '-e', executable];
  // Its status is 1 where a stack is longer than asked for, or ends early.
  const { stdout } = await run('eu-stack', args, { ...options, env: { PATH: process.env.PATH } }).catch(
    (error) => error,
  );
  const stacks: PrintedStack[] = [];
  for (const line of String(stdout).split('\n')) {
    if (/^TID \d+:/.test(line)) stacks.push([]);
    else if (line !== '' && !line.startsWith('PID ')) stacks.at(-1)?.push(line);
  }
  return stacks;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Starts a program of this folder with its standard output piped and its errors shown. */
export function startProgram(name: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [programPath(name), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/**
 * Runs a program of this folder with a file system mounted on `mountPoint` that only it can see, and gives what it
 * printed. The mount goes away with the process.
 */
export async function runWithMount(mountPoint: string, options: string, name: string): Promise<string> {
  const script = 'mount -t tmpfs -o "$2" crashmon-test "$1" && exec "$3" "$4" "$1"';
  const own = process.getuid?.() === 0 ? ['--mount'] : ['--mount', '--map-root-user'];
  const args = [...own, 'sh', '-c', script, 'sh', mountPoint, options, process.execPath, programPath(name)];
  const child = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const output = await readAll(child);
  if (child.exitCode !== 0) throw new Error(`${name} ended with ${child.exitCode}: ${output}`);
  return output;
}

/** All of a child's standard output, once it has ended. */
export async function readAll(child: ChildProcess): Promise<string> {
  const ended = new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  await ended;
  return output;
}

function programPath(name: string): string {
  return fileURLToPath(new URL(`${name}.ts`, import.meta.url));
}

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { startRun } from '../../agent/run-worker.ts';
import { CHECKOUT, crashmon } from '../crashmon.ts';
import { fullCore } from '../native/full-core.ts';
import { stateDirectory } from '../state-directory.ts';

const SOURCE = path.join(CHECKOUT, 'test/fixtures/native/panics.go');
const ENV = { GOTRACEBACK: 'crash' };

export type GoCores = { program: string; alone: string; inSession: string };

/** Neither debugger gets past the handler by which Go ends itself. */
export function toSignal(frames: readonly string[]): string[] {
  return frames.slice(0, frames.findIndex((frame) => frame.includes('runtime.sigtramp')) + 1);
}

/**
 * Cores that a program in Go leaves by itself (GOTRACEBACK=crash): without crashmon, and in a session. Where the machine's
 * core_pattern leads elsewhere there is no second one, and it is the first.
 */
export async function goCore(directory: string): Promise<GoCores> {
  const program = path.join(directory, 'panics');
  const env = { ...process.env, GOCACHE: path.join(directory, 'cache'), GOFLAGS: '' };
  execFileSync('go', ['build', '-o', program, SOURCE], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const alone = await fullCore(['env', 'GOTRACEBACK=crash', program, 'now'], directory);
  const isHere = /^core[^/|]*$/.test(readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim());
  return { program, alone, inSession: isHere ? await coreInSession(program, directory) : alone };
}

async function coreInSession(program: string, directory: string): Promise<string> {
  const cwd = path.join(directory, 'session');
  mkdirSync(cwd);
  await using state = await stateDirectory();
  const command = ['sh', '-c', 'ulimit -c unlimited; exec "$0"', program];
  const options = ['--restart', 'never', '--json'];
  await using agent = startRun({ stateDir: state.path, options, command, cwd, env: ENV, input: 'open' });
  await agent.waitForLine('stdout', /ready/);
  await crashmon(['session', 'start', 'app'], { stateDir: state.path });
  agent.stdin.write('\n');
  await agent.exited;
  const [core] = readdirSync(cwd);
  if (core === undefined) throw new Error(`no core:\n${agent.stderr}`);
  return path.join(cwd, core);
}

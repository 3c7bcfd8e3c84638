import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CHECKOUT } from '../../test/support/crashmon.ts';
import { startProcess } from '../processes/started-process.ts';
import type { BenchPortal } from './portal-process.ts';
import { SEEDED } from './portal-seed.ts';

const PROGRAM = join(CHECKOUT, 'bench', 'programs', 'crash-on-line.mjs');

/** A process that `crashmon agent` watches for a portal. */
export type WatchedProcess = AsyncDisposable & {
  /** Starts it, waits until it is watched, and crashes it; when it had exited, of `performance.now()`. */
  crash(): Promise<number>;
};

/** @param directory for the agent's settings and state */
export async function watchedProcess(
  cli: readonly string[],
  { url, token }: BenchPortal,
  directory: string,
): Promise<WatchedProcess> {
  const tokenFile = join(directory, 'token');
  await writeFile(tokenFile, token, { mode: 0o600 });
  // Nothing else of this machine.
  await writeFile(join(directory, 'agent.toml'), `include = ["${SEEDED.app}"]\n`);
  const options = ['--config', join(directory, 'agent.toml'), '--state-dir', join(directory, 'state')];
  const uplink = ['--portal', url, '--portal-token-file', tokenFile];
  const watch = ['--watch', `${SEEDED.app}=*${PROGRAM}`, '--json', ...uplink, ...options];
  const agent = startProcess([...cli, 'agent', ...watch], { stdio: ['ignore', 'ignore', 'pipe'] });
  const lines = createInterface(agent.child.stderr ?? failed('output'))[Symbol.asyncIterator]();
  const untilEvent = async (name: string) => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`the agent ended before the event ${name}`);
      if ((JSON.parse(value) as { event?: string }).event === name) return;
    }
  };
  return {
    async crash() {
      await using crashing = startProcess([process.execPath, PROGRAM], { stdio: ['pipe', 'pipe', 'ignore'] });
      await once(crashing.child.stdout ?? failed('output'), 'data');
      await untilEvent('started');
      crashing.child.stdin?.write('\n');
      await crashing.exited;
      return performance.now();
    },
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  };
}

function failed(what: string): never {
  throw new Error(`no ${what}`);
}

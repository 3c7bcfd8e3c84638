import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PROBES, workerEnvironment } from '../../src/agent/worker-environment.ts';
import { prepareWorker } from '../../src/policy/worker-preparation.ts';
import { startProcess } from '../processes/started-process.ts';
import { makeWorkspace } from '../processes/workspace.ts';
import type { Finding, Measurement } from '../report/finding.ts';
import { noiseOf, shuffled, spreadOf } from '../report/statistics.ts';
import { benchProgram } from '../subjects/crashmon-command.ts';

const PROBE = prepareWorker('node', null, { env: {}, probes: PROBES });

const LIVES = { smoke: 1, quick: 15, full: 80 } as const;
const WAYS = ['bare', 'probe', 'control'] as const;
type Way = (typeof WAYS)[number];
type Life = { startMs: number; dyingMs: number };

export const probe: Measurement = {
  name: 'probe',
  about: 'What the probe costs a worker at its start, and how long it holds a dying one',
  async *measure({ scale, progress }) {
    await using workspace = await makeWorkspace();
    const lives: Record<Way, Life>[] = [];
    for (let number = 0; number <= LIVES[scale]; number++) {
      progress(`life ${number} of ${LIVES[scale]}`);
      const life: Partial<Record<Way, Life>> = {};
      for (const way of shuffled(WAYS)) life[way] = await live(way, join(workspace.path, String(number)));
      // The first runs read the disk.
      if (number > 0) lives.push(life as Record<Way, Life>);
    }
    yield* [...findings('start, ', 'startMs', lives), ...findings('death, ', 'dyingMs', lives)];
  },
};

function findings(prefix: string, part: keyof Life, lives: readonly Record<Way, Life>[]): Finding[] {
  const over = (way: Way): number[] => lives.map((life) => life[way][part] - life.bare[part]);
  const control = spreadOf(over('control')).median;
  const bare = spreadOf(lives.map((life) => life.bare[part]));
  return [
    { what: `${prefix}bare`, unit: 'ms', measured: bare, noise: null, target: null },
    {
      what: `${prefix}added by the probe`,
      unit: 'ms',
      measured: spreadOf(over('probe')),
      // Single runs scatter by more than the cost of the probe: the control's median shows the precision.
      noise: noiseOf([control], 0),
      target: null,
    },
  ];
}

/** One short run: to its first line, and from the line before its exception to its end. */
async function live(way: Way, directory: string): Promise<Life> {
  let env: NodeJS.ProcessEnv = {};
  if (way === 'probe') {
    await mkdir(directory, { mode: 0o700 });
    env = workerEnvironment({}, '0123456789ab', { directory, preparation: PROBE });
  }
  const started = process.hrtime.bigint();
  await using worker = startProcess(benchProgram('brief.cjs'), {
    env: env as Record<string, string>,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let text = '';
  worker.child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  const closed = new Promise<void>((resolve) => worker.child.once('close', () => resolve()));
  await worker.exited;
  const ended = process.hrtime.bigint();
  await closed;
  const [born = '0', dying = '0'] = text.split('\n');
  return { startMs: Number(BigInt(born) - started) / 1e6, dyingMs: Number(ended - BigInt(dying)) / 1e6 };
}

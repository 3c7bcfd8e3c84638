import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Member, openChannel } from '../processes/channel.ts';
import { startProcess } from '../processes/started-process.ts';
import { makeWorkspace } from '../processes/workspace.ts';
import type { Measurement } from '../report/finding.ts';
import { noiseOf, quartiles, shuffled, spreadOf } from '../report/statistics.ts';
import { benchProgram, underCrashmon, WAYS, type Way } from '../subjects/crashmon-command.ts';

const DEATHS = { smoke: 1, quick: 5, full: 25 } as const;
const WARM_UP_DEATHS = 1;
/** Long enough for the analysis of the last crash to end before the next one. */
const SETTLE_MS = { smoke: 0, quick: 500, full: 500 } as const;

export const restart: Measurement = {
  name: 'restart',
  about: 'From the line before the exception to the first line of the next worker, back-off 0',
  async *measure({ scale, progress }) {
    await using workspace = await makeWorkspace();
    await using channel = await openChannel(workspace.path);
    await using stack = new AsyncDisposableStack();
    const workers = new Map<Way, Member>();
    for (const way of WAYS) {
      const output = openSync(join(workspace.path, `${way}.log`), 'a', 0o600);
      stack.use(
        startProcess(commandOf(way), {
          env: { ...channel.environmentFor(way), CRASHMON_STATE_DIR: workspace.stateDir },
          stdio: ['ignore', output, output],
        }),
      );
      closeSync(output);
      workers.set(way, await channel.arrival(way));
    }
    const gaps: Record<Way, number>[] = [];
    for (let death = 0; death < WARM_UP_DEATHS + DEATHS[scale]; death++) {
      progress(`death ${death + 1} of ${WARM_UP_DEATHS + DEATHS[scale]}`);
      const gap: Record<Way, number> = { bare: 0, unarmed: 0, armed: 0, control: 0 };
      for (const way of shuffled(WAYS)) {
        await delay(SETTLE_MS[scale]);
        workers.get(way)?.send({ order: 'die' });
        const next = await channel.arrival(way);
        workers.set(way, next);
        gap[way] = Number(next.hello.gapMs);
      }
      if (death >= WARM_UP_DEATHS) gaps.push(gap);
    }
    const over = (way: Way): number[] => gaps.map((gap) => gap[way] - gap.bare);
    const noise = noiseOf(quartiles(over('control')), 0);
    yield* [
      {
        what: 'bare supervisor: death to first line',
        unit: 'ms',
        measured: spreadOf(gaps.map((gap) => gap.bare)),
        noise: null,
        target: null,
      },
      {
        what: 'added, unarmed',
        unit: 'ms',
        measured: spreadOf(over('unarmed')),
        noise,
        target: { atMost: 15 },
      },
      { what: 'added, armed', unit: 'ms', measured: spreadOf(over('armed')), noise, target: { atMost: 15 } },
    ];
  },
};

function commandOf(way: Way): string[] {
  const worker = benchProgram('mortal.cjs');
  if (way === 'unarmed' || way === 'armed') return underCrashmon(way, way, worker);
  return benchProgram('supervisor.cjs', ...worker);
}

import { setTimeout as delay } from 'node:timers/promises';
import { memoryOf } from '../processes/process-usage.ts';
import type { Finding, Measurement, Scale } from '../report/finding.ts';
import { noiseOf, percentile, spreadOf } from '../report/statistics.ts';
import { type Death, runIdOf, type WatchedHost, watchedHost } from '../subjects/watched-host.ts';

/** Idle from shortly after the start until two minutes after it, when what is new is still looked at more often, and then. */
const SCALES = {
  smoke: { services: 3, settleMs: 0, newMs: 500, idleMs: 500, crashing: 2, crashMs: 0, afterMs: 0 },
  quick: {
    services: 100,
    settleMs: 15_000,
    newMs: 105_000,
    idleMs: 120_000,
    crashing: 50,
    crashMs: 4_000,
    afterMs: 25_000,
  },
  full: {
    services: 100,
    settleMs: 15_000,
    newMs: 105_000,
    idleMs: 240_000,
    crashing: 50,
    crashMs: 10_000,
    afterMs: 60_000,
  },
} as const;
const STARTS = {
  smoke: { rounds: 1, starts: 2 },
  quick: { rounds: 4, starts: 20 },
  full: { rounds: 8, starts: 40 },
} as const;
const ROW = { noise: null, target: null } as const;

export const hostAgent: Measurement = {
  name: 'host-agent',
  about:
    'crashmon agent on a host with 100 services: memory, idle processor time, and crashes of 50 services',
  async *measure({ scale, progress, packageCli }) {
    const { services, settleMs, newMs, idleMs, crashing, crashMs, afterMs } = SCALES[scale];
    progress('starting a host');
    await using host = await watchedHost(await packageCli(), services);
    progress('idle');
    await delay(settleMs);
    yield processorTime('services are new', await usedWithin(host, newMs), null);
    yield processorTime('idle', await usedWithin(host, idleMs), { atMost: 0.1 });
    yield memory(host, `${services} services`);
    progress('starts of a unit');
    yield* startFindings(host, scale);
    progress('crashes of one service');
    const calm = await host.crash(1, crashMs);
    yield* latencies('exit to known', calm, await host.learned(), { atMost: 20 });
    progress('crashes');
    const deaths = await host.crash(crashing, crashMs);
    yield rate(deaths.slice(calm.length));
    yield* crashFindings(deaths, await host.reported());
    yield* latencies('exit to known while they crash', deaths.slice(calm.length), await host.learned(), null);
    await delay(afterMs);
    yield memory(host, `after ${deaths.length} crashes of ${crashing} services`);
  },
};

/** Processor time of the agent's unit, in percent of one processor. */
async function usedWithin(host: WatchedHost, ms: number): Promise<number> {
  const before = host.agentProcessorMs();
  await delay(ms);
  return ((host.agentProcessorMs() - before) / ms) * 100;
}

function processorTime(when: string, percent: number, target: Finding['target']): Finding {
  return { ...ROW, what: `processor time, ${when}`, unit: '%', measured: spreadOf([percent]), target };
}

/** With the drop-in, systemd looks for one file before each start. */
async function* startFindings(host: WatchedHost, scale: Scale): AsyncIterable<Finding> {
  const { rounds, starts } = STARTS[scale];
  const added: number[] = [];
  const control: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const times = await host.unitStarts(starts);
    added.push(times.withDropIn - times.plain);
    control.push(times.control - times.plain);
  }
  const what = 'added to the start of a unit by the drop-in';
  yield { what, unit: 'ms', measured: spreadOf(added), noise: noiseOf(control, 0), target: { atMost: 5 } };
}

/** Of all processes of its unit. */
function memory(host: WatchedHost, when: string): Finding {
  const { rssMb } = memoryOf(host.agentPids());
  return { ...ROW, what: `RSS, ${when}`, unit: 'MB', measured: spreadOf([rssMb]), target: { atMost: 80 } };
}

function rate(deaths: readonly Death[]): Finding {
  const times = deaths.map(({ atMs }) => atMs);
  const perSecond = (deaths.length / (Math.max(...times) - Math.min(...times))) * 1_000;
  return { ...ROW, what: 'crashes', unit: '/s', measured: spreadOf([perSecond]) };
}

function* crashFindings(deaths: readonly Death[], reported: readonly string[]): Iterable<Finding> {
  const expected = new Set(deaths.map(runIdOf));
  const found = new Set(reported);
  yield count('lost', [...expected].filter((id) => !found.has(id)).length);
  yield count('reported twice', reported.length - found.size);
  yield count('reported that did not happen', [...found].filter((id) => !expected.has(id)).length);
}

function* latencies(
  what: string,
  deaths: readonly Death[],
  learned: ReadonlyMap<string, number>,
  target: Finding['target'],
): Iterable<Finding> {
  const all = deaths.flatMap(({ invocationId, atMs }) => {
    const learnedAtMs = learned.get(invocationId);
    return learnedAtMs === undefined ? [] : [learnedAtMs - atMs];
  });
  yield { ...ROW, what, unit: 'ms', measured: spreadOf(all), target };
  const late = percentile(all, 0.95);
  yield { ...ROW, what: `${what}, 95th percentile`, unit: 'ms', measured: spreadOf([late]) };
}

function count(what: string, number: number): Finding {
  return { ...ROW, what: `crashes ${what}`, unit: '×', measured: spreadOf([number]), target: { atMost: 0 } };
}

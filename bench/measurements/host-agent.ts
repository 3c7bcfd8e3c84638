import { setTimeout as delay } from 'node:timers/promises';
import { memoryOf } from '../processes/process-usage.ts';
import type { Finding, Measurement } from '../report/finding.ts';
import { percentile, spreadOf } from '../report/statistics.ts';
import { type Death, runIdOf, type WatchedHost, watchedHost } from '../subjects/watched-host.ts';

/** Each service that is watched is polled every 30 seconds, once it is no longer new. */
const SCALES = {
  smoke: { services: 3, settleMs: 0, idleMs: 500, crashing: 2, crashMs: 0, afterMs: 0 },
  quick: { services: 100, settleMs: 45_000, idleMs: 30_000, crashing: 50, crashMs: 4_000, afterMs: 25_000 },
  full: { services: 100, settleMs: 90_000, idleMs: 120_000, crashing: 50, crashMs: 10_000, afterMs: 60_000 },
} as const;
const ROW = { noise: null, target: null } as const;

export const hostAgent: Measurement = {
  name: 'host-agent',
  about:
    'crashmon agent on a host with 100 services: memory, idle processor time, and crashes of 50 services',
  async *measure({ scale, progress, packageCli }) {
    const { services, settleMs, idleMs, crashing, crashMs, afterMs } = SCALES[scale];
    progress('starting a host');
    await using host = await watchedHost(await packageCli(), services);
    progress('idle');
    await delay(settleMs);
    const usedBefore = host.agentProcessorMs();
    await delay(idleMs);
    const percent = ((host.agentProcessorMs() - usedBefore) / idleMs) * 100;
    yield memory(host, `${services} services`);
    yield {
      ...ROW,
      ...{ what: 'idle processor time', unit: '%', measured: spreadOf([percent]), target: { atMost: 0.1 } },
    };
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

import { setTimeout as delay } from 'node:timers/promises';
import { memoryOf } from '../processes/process-usage.ts';
import type { Finding, Measurement } from '../report/finding.ts';
import { percentile, spreadOf } from '../report/statistics.ts';
import { type Left, runIdOf, type WatchedHost, watchedHost } from '../subjects/watched-host.ts';

const SCALES = {
  smoke: { services: 1, crashing: 2, forMs: 0, restMs: 0, sampleEveryMs: 500 },
  quick: { services: 20, crashing: 50, forMs: 120_000, restMs: 45_000, sampleEveryMs: 5_000 },
  full: { services: 20, crashing: 50, forMs: 600_000, restMs: 60_000, sampleEveryMs: 5_000 },
} as const;
/** The first part fills what has a limit. */
const COMPARED = 1 / 3;

/** What a crash loop must not make grow. */
type Sample = Left & { rssMb: number };

const ROWS: readonly {
  what: string;
  unit: Finding['unit'];
  of: (sample: Sample) => number;
  most: number | null;
}[] = [
  { what: 'RSS of what lives long', unit: 'MB', of: ({ rssMb }) => rssMb, most: 80 },
  { what: 'file descriptors of the agent', unit: '×', of: ({ descriptors }) => descriptors, most: null },
  { what: 'files of state', unit: '×', of: ({ files }) => files, most: null },
  { what: 'files in /run and /dev/shm', unit: '×', of: ({ runtimeFiles }) => runtimeFiles, most: null },
  { what: 'state on disk', unit: 'kB', of: ({ storedKb }) => storedKb, most: null },
];

export const hostSoak: Measurement = {
  name: 'host-soak',
  about: 'crashmon agent while 50 services crash about once a second each, for ten minutes',
  async *measure({ scale, progress, packageCli }) {
    const { services, crashing, forMs, restMs, sampleEveryMs } = SCALES[scale];
    progress('starting a host');
    await using host = await watchedHost(await packageCli(), services);
    progress('crashes');
    const over = new AbortController();
    const sampling = sample(host, sampleEveryMs, over.signal);
    const deaths = await host.crash(crashing, forMs).finally(() => over.abort());
    const samples = await sampling;
    const part = Math.max(1, Math.floor(samples.length * COMPARED));
    for (const { what, unit, of, most } of ROWS) {
      const values = samples.map(of);
      const target = most === null ? null : { atMost: most };
      const before = values.slice(-2 * part, -part);
      const last = values.slice(-part);
      yield { what: `${what}, last third`, unit, measured: spreadOf(last), noise: null, target };
      const usual = percentile(before.length > 0 ? before : last, 0.5);
      const grown = percentile(last, 0.5) === usual ? 1 : percentile(last, 0.5) / usual;
      yield {
        what: `${what}, to the third before`,
        unit: '×',
        measured: spreadOf([grown]),
        noise: null,
        target: null,
      };
    }
    const times = deaths.map(({ atMs }) => atMs);
    const seconds = (Math.max(...times) - Math.min(...times)) / 1_000;
    yield count('crashes a second', deaths.length / seconds, null);
    const reported = await host.reported();
    const found = new Set(reported);
    yield count('crashes', deaths.length, null);
    yield count('crashes that systemd counted and the agent did not', host.counted() - found.size, 0);
    yield count('crashes lost', deaths.filter((death) => !found.has(runIdOf(death))).length, 0);
    yield count('crashes reported twice', reported.length - found.size, 0);
    progress('rest');
    await delay(restMs);
    const { rssMb } = memoryOf(host.agentPids());
    yield {
      ...{ what: 'RSS after the crashes', unit: 'MB', measured: spreadOf([rssMb]), noise: null },
      target: { atMost: 80 },
    };
  },
};

async function sample(host: WatchedHost, everyMs: number, over: AbortSignal): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let before = host.agentPids(); !over.aborted; ) {
    await delay(everyMs, undefined, { signal: over }).catch(() => {});
    const pids = host.agentPids();
    // Others make one report each, or read the journal.
    const { rssMb } = memoryOf(pids.filter((pid) => before.includes(pid)));
    before = pids;
    samples.push({ rssMb, ...host.leaves() });
  }
  return samples;
}

function count(what: string, number: number, atMost: number | null): Finding {
  const target = atMost === null ? null : { atMost };
  return { what, unit: '×', measured: spreadOf([number]), noise: null, target };
}

import { setTimeout as delay } from 'node:timers/promises';
import { startLineProgram } from '../processes/line-program.ts';
import { memoryOf } from '../processes/process-usage.ts';
import type { Finding, Measurement } from '../report/finding.ts';
import { spreadOf } from '../report/statistics.ts';
import { benchProgram } from '../subjects/crashmon-command.ts';
import { DIALECTS, type Dialect, makePlaces, type PortalPlaces } from '../subjects/portal-place.ts';
import { startPortal } from '../subjects/portal-process.ts';
import { SEEDED } from '../subjects/portal-seed.ts';

const AGENTS = { smoke: 50, quick: 1_000, full: 10_000 } as const;
/** Crashes that each agent stored during the outage. */
const CRASHES_EACH = 3;
const SAMPLE_MS = 250;

export const portalFleet: Measurement = {
  name: 'portal-fleet',
  about: 'Agents that all come back in one moment after an outage, each with three crashes',
  async *measure({ scale, progress, packageCli }) {
    await using places = await makePlaces(packageCli);
    for (const dialect of DIALECTS) {
      progress(dialect);
      yield* await measure(places, dialect, AGENTS[scale]);
    }
  },
};

async function measure(places: PortalPlaces, dialect: Dialect, agents: number): Promise<Finding[]> {
  await using portal = await startPortal(await places.fresh(dialect), places.cli);
  const program = [
    'portal-agents.mjs',
    portal.url,
    portal.token,
    SEEDED.app,
    `${agents}`,
    `${CRASHES_EACH}`,
  ] as const;
  await using fleet = await startLineProgram(benchProgram(...program));
  let mostMb = memoryOf([portal.pid]).rssMb;
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      mostMb = Math.max(mostMb, memoryOf([portal.pid]).rssMb);
      await delay(SAMPLE_MS);
    }
  })();
  const [served = 0, longestMs = 0, medianMs = 0, asked = 0, broken = 0] = await fleet.ask('go');
  over.abort();
  await watching;
  const words = agents.toLocaleString('en');
  const finding = (what: string, unit: Finding['unit'], value: number): Finding => ({
    what: `${dialect}, ${words} agents: ${what}`,
    unit,
    measured: spreadOf([value]),
    noise: null,
    target: null,
  });
  return [
    { ...finding('served', '%', (served / agents) * 100), target: { atLeast: 100 } },
    finding('longest wait', 'ms', longestMs),
    finding('median wait', 'ms', medianMs),
    finding('asked to come again, of all', '%', (asked / agents) * 100),
    finding('connections that broke, of all', '%', (broken / agents) * 100),
    { ...finding('most resident memory', 'MB', mostMb), target: { atMost: 200 } },
  ];
}

// Usage: node bench/main.ts [name…] [--quick | --smoke] [--list]
// Without names, all measurements run and are stored in bench/results/; see docs/benchmarks.md.
import { parseArgs } from 'node:util';
import { exitWatch } from './measurements/exit-watch.ts';
import { firstStack } from './measurements/first-stack.ts';
import { footprint } from './measurements/footprint.ts';
import { hostAgent } from './measurements/host-agent.ts';
import { hostSoak } from './measurements/host-soak.ts';
import { lastWords } from './measurements/last-words.ts';
import { nativeAttach } from './measurements/native-attach.ts';
import { nativeDeath } from './measurements/native-death.ts';
import { nativeDump } from './measurements/native-dump.ts';
import { nativeFrames } from './measurements/native-frames.ts';
import { nativeHold } from './measurements/native-hold.ts';
import { nativeNode } from './measurements/native-node.ts';
import { nativeStack } from './measurements/native-stack.ts';
import { nativeSteady } from './measurements/native-steady.ts';
import { peers } from './measurements/peers.ts';
import { portalFleet } from './measurements/portal-fleet.ts';
import { portalIngest } from './measurements/portal-ingest.ts';
import { portalLive } from './measurements/portal-live.ts';
import { portalPages, portalPagesHuge } from './measurements/portal-pages.ts';
import { probe } from './measurements/probe.ts';
import { restart } from './measurements/restart.ts';
import { sourceMap } from './measurements/source-map.ts';
import { workerCost } from './measurements/worker-cost.ts';
import type { Measurement } from './report/finding.ts';
import { keepRun } from './report/keep.ts';
import { keepPeers } from './report/keep-peers.ts';
import { describeMachine } from './report/machine.ts';
import { runMeasurement } from './report/run-measurement.ts';
import type { MeasuredGroup } from './report/table.ts';
import { openPackageBuild } from './subjects/package-build.ts';

const ALL: readonly Measurement[] = [
  workerCost,
  restart,
  probe,
  sourceMap,
  lastWords,
  firstStack,
  footprint,
  exitWatch,
  hostAgent,
  nativeAttach,
  nativeHold,
  nativeDeath,
  nativeDump,
  nativeFrames,
  nativeStack,
  nativeSteady,
  nativeNode,
  portalIngest,
  portalPages,
  portalLive,
  portalFleet,
];
/** Run only if named. */
const LONG: readonly Measurement[] = [peers, hostSoak, portalPagesHuge];

/** Above this, other work ran when the bench started. */
const QUIET_LOAD = 0.7;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter(
  (name) => ![...ALL, ...LONG].some((measurement) => measurement.name === name),
);
if (unknown.length > 0) {
  process.stderr.write(`bench: unknown measurement: ${unknown.join(', ')}. --list shows all.\n`);
  process.exit(2);
}
if (values.list) {
  for (const { name, about } of [...ALL, ...LONG]) process.stdout.write(`${name.padEnd(18)} ${about}\n`);
  process.exit(0);
}

const startedAt = new Date();
const machine = describeMachine();
const named = [...ALL, ...LONG].filter(({ name }) => positionals.includes(name));
const wanted = positionals.length === 0 ? ALL : named;
const scale = values.smoke ? 'smoke' : values.quick ? 'quick' : 'full';
const groups: MeasuredGroup[] = [];
await using packageBuild = openPackageBuild();
const print = (text: string): void => {
  progress('');
  process.stdout.write(text);
};
for (const measurement of wanted) {
  const about = (text: string): void => progress(`${measurement.name}: ${text}`);
  const bench = { scale, progress: about, packageCli: packageBuild.packageCli } as const;
  groups.push(await runMeasurement(measurement, bench, print));
}
const failures = groups.flatMap(({ findings }) => findings).filter(({ measured }) => 'failed' in measured);
if (machine.loadBefore > QUIET_LOAD) {
  const load = machine.loadBefore.toFixed(1);
  process.stdout.write(`The machine was busy (load average ${load}): read the noise column first.\n`);
}
const compared = scale === 'full' ? groups.find(({ name }) => name === peers.name) : undefined;
if (compared !== undefined && (await keepPeers(compared, machine, startedAt)))
  process.stdout.write('The picture docs/images/peers.svg is drawn from this run.\n');
const took = `Took ${Math.round((Date.now() - startedAt.getTime()) / 1000)} s`;
if (scale !== 'full' || positionals.length > 0) {
  process.stdout.write(`${took}; not kept: only a full run of everything is kept.\n`);
} else {
  await keepRun({ startedAt, tookMs: Date.now() - startedAt.getTime(), machine, groups });
  process.stdout.write(`${took}; kept in bench/results/.\n`);
}
if (failures.length > 0)
  process.stdout.write(`${failures.length} of ${wanted.length} measurements failed.\n`);
await packageBuild[Symbol.asyncDispose]();
process.exit(failures.length > 0 ? 1 : 0);

/** One line, overwritten in place on a terminal. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

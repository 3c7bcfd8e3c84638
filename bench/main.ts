// Usage: node bench/main.ts [name…] [--quick] [--list]
// Without names all measurements are taken and kept in bench/results/; see docs/benchmarks.md.
import { parseArgs } from 'node:util';
import { footprint } from './measurements/footprint.ts';
import { nativeAttach } from './measurements/native-attach.ts';
import { nativeDeath } from './measurements/native-death.ts';
import { nativeDump } from './measurements/native-dump.ts';
import { nativeFrames } from './measurements/native-frames.ts';
import { nativeHold } from './measurements/native-hold.ts';
import { nativeNode } from './measurements/native-node.ts';
import { nativeStack } from './measurements/native-stack.ts';
import { nativeSteady } from './measurements/native-steady.ts';
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
import { describeMachine } from './report/machine.ts';
import { type MeasuredGroup, textTable } from './report/table.ts';

const ALL: readonly Measurement[] = [
  workerCost,
  restart,
  probe,
  sourceMap,
  footprint,
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
/** Taken only when they are named. */
const LONG: readonly Measurement[] = [portalPagesHuge];

/** Above this something else was running when the bench began. */
const QUIET_LOAD = 0.7;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
});
const unknown = positionals.filter(
  (name) => ![...ALL, ...LONG].some((measurement) => measurement.name === name),
);
if (unknown.length > 0) {
  process.stderr.write(`bench: no measurement is called ${unknown.join(', ')}; see --list\n`);
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
const groups: MeasuredGroup[] = [];
for (const { name, about, measure } of wanted) {
  const findings = await measure(values.quick ? 'quick' : 'full', (text) => progress(`${name}: ${text}`));
  progress('');
  groups.push({ name, about, findings });
}
process.stdout.write(textTable(groups));
if (machine.loadBefore > QUIET_LOAD) {
  const load = machine.loadBefore.toFixed(1);
  process.stdout.write(`\nThe machine was busy (load average ${load}): read the noise column first.\n`);
}
const tookMs = Date.now() - startedAt.getTime();
if (values.quick || positionals.length > 0) {
  process.stdout.write(
    `\nTook ${Math.round(tookMs / 1000)} s; not kept: only a full run of everything is worth keeping.\n`,
  );
} else {
  await keepRun({ startedAt, tookMs, machine, groups });
  process.stdout.write(`\nTook ${Math.round(tookMs / 1000)} s; kept in bench/results/.\n`);
}
process.exit(0);

/** One line that is written over, where somebody looks on. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Channel, openChannel } from '../processes/channel.ts';
import { processTree } from '../processes/process-tree.ts';
import { memoryOf, processorMsOf } from '../processes/process-usage.ts';
import { runToEnd } from '../processes/run-to-end.ts';
import { startProcess } from '../processes/started-process.ts';
import { makeWorkspace, type Workspace } from '../processes/workspace.ts';
import type { Finding, Measurement, Scale } from '../report/finding.ts';
import { median, noiseOf, spreadOf } from '../report/statistics.ts';
import { benchProgram, CHECKOUT_CLI, underCrashmon } from '../subjects/crashmon-command.ts';
import { installPeers } from '../subjects/installed-peers.ts';
import { startPm2 } from '../subjects/pm2-daemon.ts';

/** `deaths` precede the measurement: a supervisor at work, not one that has just started. */
const SCALES = {
  smoke: { fleets: 1, deaths: 1, betweenMs: 0, settleMs: 0, idleMs: 200 },
  quick: { fleets: 1, deaths: 3, betweenMs: 800, settleMs: 3_000, idleMs: 10_000 },
  full: { fleets: 3, deaths: 3, betweenMs: 800, settleMs: 3_000, idleMs: 15_000 },
} as const;

const SUBJECTS = ['checkout', 'package', 'pm2', 'pm2 again', 'idle', 'idle again'] as const;
type Subject = (typeof SUBJECTS)[number];
type Sample = { rssMb: number; pssMb: number; idlePercent: number };
type Fleet = Record<Subject, Sample>;

export const footprint: Measurement = {
  name: 'footprint',
  about: 'Memory of crashmon with its keeper against the daemon of PM2, same worker, and idle processor time',
  async *measure({ scale, progress, packageCli: builtPackage }) {
    const { fleets } = SCALES[scale];
    await installPeers();
    await using build = await makeWorkspace();
    const packageCli = await builtPackage();
    // The first start of a checkout compiles; later starts show a server's memory.
    for (const cli of [CHECKOUT_CLI, packageCli]) {
      const env = { CRASHMON_STATE_DIR: build.stateDir };
      await runToEnd(underCrashmon('armed', 'warm-up', [process.execPath, '--eval', '0'], cli), { env });
    }
    const samples: Fleet[] = [];
    for (let number = 1; number <= fleets; number++) {
      progress(`fleet ${number} of ${fleets}`);
      samples.push(await measureFleet(scale, packageCli));
    }
    yield* [
      ...memoryFindings('checkout', samples),
      ...memoryFindings('package', samples),
      ...idleFindings(samples),
    ];
  },
};

function memoryFindings(subject: 'checkout' | 'package', fleets: readonly Fleet[]): Finding[] {
  return (['pssMb', 'rssMb'] as const).flatMap((kind): Finding[] => {
    const name = kind === 'pssMb' ? 'PSS' : 'RSS';
    const ratio = (of: Subject): number[] => fleets.map((fleet) => fleet[of][kind] / fleet.pm2[kind]);
    const own = spreadOf(fleets.map((fleet) => fleet[subject][kind]));
    const peer = median(fleets.map((fleet) => fleet.pm2[kind]));
    return [
      { what: `${name}, ${subject}`, unit: 'MB', measured: own, noise: null, target: null },
      {
        what: `${name}, ${subject} against PM2 (${peer.toFixed(1)} MB)`,
        unit: '×',
        measured: spreadOf(ratio(subject)),
        noise: noiseOf(ratio('pm2 again'), 1),
        target: { atMost: 0.8 },
      },
    ];
  });
}

function idleFindings(fleets: readonly Fleet[]): Finding[] {
  const percent = (of: Subject): number[] => fleets.map((fleet) => fleet[of].idlePercent);
  const differences = fleets.map((fleet) => fleet['idle again'].idlePercent - fleet.idle.idlePercent);
  const finding = (what: string, of: Subject, more: Partial<Finding> = {}): Finding => ({
    what: `idle processor time, ${what}`,
    unit: '%',
    measured: spreadOf(percent(of)),
    noise: noiseOf(differences, 0),
    target: null,
    ...more,
  });
  return [
    finding('checkout', 'checkout', { target: { atMost: 0.1 } }),
    finding('package', 'package', { target: { atMost: 0.1 } }),
    finding('PM2', 'pm2'),
    finding('a Node.js that waits', 'idle'),
  ];
}

/** All at the same time, so that shared pages (of Node.js) are shared alike. */
async function measureFleet(scale: Scale, packageCli: readonly string[]): Promise<Fleet> {
  const { deaths, betweenMs, settleMs, idleMs } = SCALES[scale];
  await using workspace = await makeWorkspace();
  await using channel = await openChannel(workspace.path);
  await using stack = new AsyncDisposableStack();
  const supervisors = new Map<Subject, number>();
  const start = (subject: Subject, command: readonly string[]): void => {
    const env = { ...channel.environmentFor(nameOf(subject)), CRASHMON_STATE_DIR: workspace.stateDir };
    supervisors.set(subject, stack.use(startProcess(command, { env })).pid);
  };
  start('checkout', underCrashmon('armed', 'checkout', benchProgram('mortal.cjs')));
  start('package', underCrashmon('armed', 'package', benchProgram('mortal.cjs'), packageCli));
  start('idle', benchProgram('idle.cjs'));
  start('idle again', benchProgram('idle.cjs'));
  for (const subject of ['pm2', 'pm2 again'] as const) {
    supervisors.set(subject, stack.use(await startPm2In(workspace, channel, subject)).pid);
  }
  const workers = new Map<Subject, number>();
  for (const subject of SUBJECTS) {
    const pid = await ageWorker(channel, subject, deaths, betweenMs);
    if (pid !== supervisors.get(subject)) workers.set(subject, pid);
  }
  await delay(settleMs);

  const own = new Map(
    SUBJECTS.map((subject) => [
      subject,
      processTree(supervisors.get(subject) ?? 0, workers.get(subject) ?? null),
    ]),
  );
  const usedBefore = SUBJECTS.map((subject) => processorMsOf(own.get(subject) ?? []));
  await delay(idleMs);
  const sample = (subject: Subject, index: number): Sample => {
    const pids = own.get(subject) ?? [];
    const usedMs = processorMsOf(pids) - (usedBefore[index] ?? 0);
    return { ...memoryOf(pids), idlePercent: (usedMs / idleMs) * 100 };
  };
  return Object.fromEntries(SUBJECTS.map((subject, index) => [subject, sample(subject, index)])) as Fleet;
}

/** Crashes a worker some times. @returns pid of the last one */
async function ageWorker(
  channel: Channel,
  subject: Subject,
  deaths: number,
  betweenMs: number,
): Promise<number> {
  let worker = await channel.arrival(nameOf(subject));
  if (subject.startsWith('idle')) return worker.hello.pid;
  for (let death = 0; death < deaths; death++) {
    await delay(betweenMs);
    worker.send({ order: 'die' });
    worker = await channel.arrival(nameOf(subject));
  }
  return worker.hello.pid;
}

function startPm2In(workspace: Workspace, channel: Channel, subject: Subject) {
  const name = nameOf(subject);
  const [, app = ''] = benchProgram('mortal.cjs');
  return startPm2(join(workspace.path, name), app, channel.environmentFor(name));
}

function nameOf(subject: Subject): string {
  return subject.replaceAll(' ', '-');
}

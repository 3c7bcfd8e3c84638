import { globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fingerprint } from '../../src/formats/fingerprint.ts';
import { CHECKOUT } from '../../test/support/crashmon.ts';
import { type SystemdHost, systemdHost } from '../../test/support/systemd-host/systemd-host.ts';
import { agentFlags } from './debugger-process.ts';
import { type UnitStarts, unitStarts } from './unit-starts.ts';

/** One run of a service that crashed: its invocation, and when it was about to. */
export type Death = { invocationId: string; atMs: number };

export type Left = { descriptors: number; files: number; runtimeFiles: number; storedKb: number };

/** A host of its own whose services `crashmon agent` watches, as the npm package and its unit run it. */
export type WatchedHost = AsyncDisposable & {
  /** Processes of the agent's unit that run now, as this machine numbers them. */
  agentPids(): number[];
  /** Processor time of the agent's unit so far, with what has ended, in ms. */
  agentProcessorMs(): number;
  /** Starts services that crash about once a second each. Returns once each has crashed, and then so many ms. */
  crash(count: number, forMs: number): Promise<Death[]>;
  /** What the agent has open and stored now. */
  leaves(): Left;
  /** Crashes of these services by systemd's own count of restarts. */
  counted(): number;
  /** Times of so many starts of a unit, without and with the agent's drop-in. */
  unitStarts(starts: number): Promise<UnitStarts>;
  /** Runs that the agent reported as ended, in order. */
  reported(): Promise<string[]>;
  /** When a process with the agent's flags, which only receives them, learned of the exits, by invocation. */
  learned(): Promise<Map<string, number>>;
};

const DEATHS = '/var/log/deaths';
const EVENTS = '/var/log/agent-events';
const LEARNED = '/var/log/learned';
/** While this file exists, no service crashes. */
const ENOUGH = '/run/enough';
/** A service takes a second to its next crash. */
const QUIET_MS = 3_000;
const WAIT_MS = 300_000;
/** Its main process, as it names itself. */
const AGENT = 'crashmon agent';
/** The shell's own clock: nothing is started between it and the end. */
const CRASHES = `/bin/bash -c '[ ! -e ${ENOUGH} ] || exec sleep infinity; sleep 0.$((RANDOM %% 4 + 6)); echo "$$INVOCATION_ID $$EPOCHREALTIME" >>${DEATHS}; kill -SEGV $$$$'`;

/** @param idle how many services do nothing */
export async function watchedHost(cli: readonly string[], idle: number): Promise<WatchedHost> {
  await using stack = new AsyncDisposableStack();
  const [node = '', main = ''] = cli;
  const build = dirname(dirname(dirname(main)));
  const host = stack.use(await systemdHost({ shared: [CHECKOUT, build] }));
  await host.must('touch', DEATHS, EVENTS, LEARNED);
  const reporter = join(CHECKOUT, 'bench', 'programs', 'exits.mjs');
  await host.units({
    'crashmon-agent.service': agentUnit(`${node} ${main} agent --all --json`, build, node),
    'idle@.service': service('/bin/sleep infinity'),
    'crash@.service': service(CRASHES, 'Restart=always', 'RestartSec=1ms'),
    'learns.service': service(
      `${[node, ...agentFlags(), reporter].join(' ')} /run/learns.json`,
      `StandardOutput=append:${LEARNED}`,
    ),
  });
  if (idle > 0) await host.must('systemctl', 'start', ...named('idle', idle));
  await host.must('systemctl', 'start', 'crashmon-agent');
  await until(async () => (await host.must('cat', EVENTS)).includes('"event":"watching"'), 'watching');
  const cgroup = agentCgroup(host);
  const resources = stack.move();
  // The last line can be being written.
  const lines = async (path: string) =>
    (await host.must('cat', path)).split('\n').slice(0, -1).filter(Boolean);
  const deaths = async (): Promise<Death[]> =>
    (await lines(DEATHS)).map((line) => {
      const [invocationId = '', seconds] = line.split(' ');
      return { invocationId, atMs: Number(seconds) * 1_000 };
    });
  const agentPids = () => read(cgroup, 'cgroup.procs').split('\n').filter(Boolean).map(Number);
  let counted = 0;
  return {
    agentPids,
    agentProcessorMs: () => Number(/^usage_usec (\d+)$/m.exec(read(cgroup, 'cpu.stat'))?.[1]) / 1_000,
    async crash(count, forMs) {
      const begun = async () => (await lines(LEARNED)).filter((line) => line === 'begun').length;
      const begunBefore = await begun();
      await host.must('systemctl', 'start', 'learns');
      await until(async () => (await begun()) > begunBefore, 'process that learns of exits');
      const before = (await deaths()).length;
      await host.must('rm', '-f', ENOUGH);
      await host.must('systemctl', 'start', '--no-block', ...named('crash', count));
      await until(async () => (await deaths()).length >= before + count, `${count} crashes`);
      await delay(forMs);
      await host.must('touch', ENOUGH);
      // A stop must not meet a service that has written its last line and not crashed yet.
      await until(async () => {
        const count = (await deaths()).length;
        await delay(QUIET_MS);
        return (await deaths()).length === count;
      }, 'end of the crashes');
      const counts = await host.must('systemctl', 'show', '--value', '-p', 'NRestarts', 'crash@*');
      for (const restarts of counts.split('\n').filter(Boolean)) counted += Number(restarts);
      await host.must('systemctl', 'stop', 'crash@*');
      const all = await deaths();
      const ended = async () => new Set(await reportedRuns(lines)).size >= all.length;
      // What is missing then is lost.
      await until(ended, 'reports').catch(() => {});
      await host.must('systemctl', 'stop', 'learns');
      return all;
    },
    leaves: () => leftBy(agentPids().find((pid) => nameOf(pid) === AGENT) ?? 0),
    counted: () => counted,
    unitStarts: (starts) => unitStarts(host, starts),
    reported: () => reportedRuns(lines),
    async learned() {
      const times = (await lines(LEARNED)).map((line) => /^\S+\/(\S+) (\S+)$/.exec(line));
      return new Map(
        times.toReversed().flatMap((match) => (match ? [[match[1] ?? '', Number(match[2])]] : [])),
      );
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** The ID that the agent gives a run. */
export function runIdOf({ invocationId }: Death): string {
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().replaceAll('-', '');
  return fingerprint(`${bootId}/${invocationId}`).slice(0, 12);
}

/** Stopped services end by a signal after their last line: their runs are not among those that crashed. */
async function reportedRuns(lines: (path: string) => Promise<string[]>): Promise<string[]> {
  return (await lines(EVENTS)).flatMap((line) => {
    // What Node.js prints itself.
    if (!line.startsWith('{')) return [];
    const { event, app, runId, verdict } = JSON.parse(line) as Record<string, unknown>;
    const counted = (verdict as { counted?: boolean } | undefined)?.counted === true;
    return event === 'ended' && app === 'crash' && counted ? [String(runId)] : [];
  });
}

/** The unit that comes with crashmon, with another command. */
function agentUnit(command: string, build: string, node: string): string {
  return readFileSync(join(CHECKOUT, 'deploy', 'systemd', 'crashmon-agent.service'), 'utf8').replace(
    /^ExecStart=.*$/m,
    [
      `ExecStart=${command} --state-dir /var/lib/crashmon`,
      `Environment=PATH=${dirname(node)}:/usr/bin:/bin`,
      `StandardOutput=append:${EVENTS}`,
      `StandardError=append:${EVENTS}`,
      // The build is in this machine's temporary directory, and the unit has one of its own.
      `BindReadOnlyPaths=${build}`,
    ].join('\n'),
  );
}

function leftBy(pid: number): Left {
  const root = `/proc/${pid}/root`;
  const stored = filesBelow(`${root}/var/lib/crashmon`);
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    files: stored.length,
    runtimeFiles: [`${root}/run/crashmon`, `${root}/dev/shm`].flatMap(filesBelow).length,
    storedKb:
      stored.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0) / 1_000,
  };
}

function filesBelow(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  } catch {
    // Not there yet.
    return [];
  }
}

function nameOf(pid: number): string {
  try {
    return read(`/proc/${pid}`, 'comm').trim();
  } catch {
    return '';
  }
}

function service(command: string, ...lines: string[]): string {
  return ['[Unit]', 'StartLimitIntervalSec=0', '[Service]', `ExecStart=${command}`, ...lines, ''].join('\n');
}

function named(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}@${index + 1}`);
}

function agentCgroup({ name }: SystemdHost): string {
  const [found] = globSync(`/sys/fs/cgroup/{.,unified}/${name}/system.slice/crashmon-agent.service`);
  if (found === undefined) throw new Error('the cgroup of the agent is not found');
  return found;
}

function read(...path: string[]): string {
  return readFileSync(join(...path), 'utf8');
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  for (const deadline = performance.now() + WAIT_MS; !(await condition()); await delay(250)) {
    if (performance.now() > deadline) throw new Error(`no ${what} in time`);
  }
}

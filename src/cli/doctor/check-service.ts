import { ExitWatch } from '../../exit-watch/exit-watch.ts';
import { runSelfTest } from '../../exit-watch/self-test.ts';
import { noCaptureWords } from '../../explain/no-capture-words.ts';
import { runtimeWords } from '../../explain/runtime-words.ts';
import { plural } from '../../formats/quantity-words.ts';
import {
  type HostStatus,
  isAgentRunning,
  type RunningStatus,
  type ServiceStatus,
} from '../../host/host-status.ts';
import { noWordsText } from '../render/host-text.ts';
import { line } from '../render/safe-text.ts';
import { type Check, failure, ok, warning } from './check.ts';
import { capturesNative } from './check-native.ts';
import { checkWorkload, OF_WORKERS, WORKER_WORDS, workerExceptions } from './check-workload.ts';
import { finalCommand } from './final-command.ts';
import { readProcessPlace } from './process-place.ts';
import { isUnsure, UNSURE } from './verdict-text.ts';

const TRIALS = 3;
const NO_WORKER_WORDS = warning(
  'no-worker-words',
  'Nothing is read of what each process below the main one prints last.',
  'Their exits are counted all the same.',
);
const SIGNALS_OF_WORKERS =
  'After repeated crashes, fatal signals of at most five of them can be captured at a time.';
const STATUS_SAYS = 'crashmon status shows whether their next fatal signal will be captured.';
const START = 'Run: systemctl start crashmon-agent';

/**
 * What crashmon agent would know of a crash of this service, by what the agent itself says.
 * @param name of the app, the service or its unit
 */
export async function checkService(name: string, host: HostStatus | null): Promise<Check[]> {
  if (host === null) return [failure('agent', 'crashmon agent has not run yet: nothing is watched.', START)];
  if (!isAgentRunning(host))
    return [failure('agent', 'crashmon agent does not run: nothing is watched.', START)];
  const agent = ok('agent', `crashmon agent runs, pid ${host.pid}.`);
  const services = servicesNamed(name, host);
  if (services.length === 0) {
    const advice = 'It is known once it has run. To list those that are known: crashmon status';
    return [agent, failure('service', `crashmon agent knows no service ${line(name)}.`, advice)];
  }
  const checks = await Promise.all(services.map(checkOne));
  return [agent, ...checks.flat()];
}

/** Replicas of a unit are services of one app. */
export function servicesNamed(name: string, { services }: HostStatus): ServiceStatus[] {
  const isNamed = (one: ServiceStatus) =>
    [one.app, one.name, one.unit, one.unit?.replace(/\.service$/, '')].includes(name);
  return services.filter(isNamed);
}

export type ServiceVerdict = {
  /** Exceptions, and exits of Node.js; null: not known now. */
  willCapture: boolean | null;
  willCaptureNative: boolean | null;
  /** What it prints last is read. */
  reads: boolean;
};

/** What a crash of these services leaves. @param checks those of `checkService`, and of the debugger */
export function verdictOfServices(
  services: readonly ServiceStatus[],
  checks: readonly Check[],
): ServiceVerdict {
  const isSeen = services.length > 0 && !checks.some(({ result }) => result === 'failure');
  const running = services.flatMap((service) => service.running ?? []);
  if (!isSeen) return { willCapture: false, willCaptureNative: false, reads: false };
  const isKnown = running.length === services.length && running.every(({ runtime }) => runtime !== null);
  if (!isKnown) return { willCapture: null, willCaptureNative: null, reads: false };
  const isAttachable = running.every(({ noCapture }) => noCapture === null);
  const isRead = checks.every(({ check, result }) => check !== 'exit-watch' || result === 'ok');
  const forks = isUnsure(checks, UNSURE);
  const isNode = running.every(({ runtime }) => runtime === 'node');
  const ofMain = {
    willCapture: isAttachable && isRead && isNode,
    willCaptureNative: isAttachable && capturesNative(checks),
  };
  const ofAll = (will: boolean) => (will && forks ? null : will);
  const capturesWorkers = checks.some(({ check }) => check === 'worker-exceptions');
  return {
    willCapture: capturesWorkers ? ofMain.willCapture : ofAll(ofMain.willCapture),
    willCaptureNative: ofAll(ofMain.willCaptureNative),
    reads: running.every(({ noWords, workers }) => noWords === null && workers?.isRead !== false),
  };
}

async function checkOne(service: ServiceStatus): Promise<Check[]> {
  const { app, source, unit, isWatched, why, running } = service;
  const label = `${line(app)} (${line(unit === null ? source : `${source} ${unit}`)})`;
  if (!isWatched) {
    const advice = 'Settings are in /etc/crashmon/agent.toml; man crashmon-agent has them.';
    return [failure('watched', `${label} is ${line(why)}.`, advice)];
  }
  const watched = ok('watched', `${label} is ${line(why)}.`);
  if (running === null) {
    const message = 'It does not run: what a crash leaves is known once it has started.';
    return [watched, warning('runtime', message, 'Start it, and run doctor again.')];
  }
  const place = readProcessPlace(running.pid);
  return [
    watched,
    checkRuntime(running),
    checkWords(running, source),
    ...checkCapture(running),
    ...(running.runtime === 'node' && running.noCapture === null ? [await checkExitWatch()] : []),
    ...checkWorkers(
      running,
      place === null ? [] : checkWorkload(finalCommand(place.argv, place.cwd), place.cwd),
    ),
  ];
}

/** What the agent sees is better known than what the command line shows. */
function checkWorkers({ pid, workers, noCapture }: RunningStatus, byCommand: readonly Check[]): Check[] {
  if (workers === undefined) return [...byCommand];
  const { name, count, isRead } = workers;
  const one = name === 'node cluster' ? workerExceptions(isRead) : isRead ? WORKER_WORDS : NO_WORKER_WORDS;
  const message = `${plural(count, 'process', 'processes')} below process ${pid} (${line(name)}): their crashes are counted.`;
  return [
    ...byCommand.filter(({ check }) => !OF_WORKERS.has(check)),
    warning('forks', message, noCapture === null ? SIGNALS_OF_WORKERS : STATUS_SAYS),
    one,
  ];
}

function checkRuntime({ pid, runtime }: RunningStatus): Check {
  if (runtime !== null)
    return ok('runtime', `Process ${pid} runs ${runtimeWords({ name: runtime, version: null })}.`);
  return warning(
    'runtime',
    `What process ${pid} runs is not known yet.`,
    'Run doctor again in some seconds.',
  );
}

function checkWords({ noWords }: RunningStatus, source: string): Check {
  if (noWords === null) {
    const where = source.startsWith('systemd') ? ' in the journal' : '';
    return ok(
      'last-words',
      `What it prints last is read${where}: most runtimes print the call stack of an exception.`,
    );
  }
  if (noWords === 'not-known-yet') {
    const message = 'Whether what it prints last can be read is not known yet.';
    return warning('last-words', message, 'Run doctor again in a moment.');
  }
  const advice = 'Its exits are counted; only those that are captured have a call stack.';
  return warning(
    'last-words',
    `Nothing is read of what it prints last: ${noWordsText(noWords, source)}.`,
    advice,
  );
}

function checkCapture({ noCapture, runtime }: RunningStatus): Check[] {
  if (runtime === null) return [];
  if (noCapture === null) {
    const what = runtime === 'node' ? 'Its uncaught exceptions and its fatal signals' : 'Its fatal signals';
    return [ok('capture', `${what} can be captured after repeated crashes, without a restart.`)];
  }
  const words = noCaptureWords({ why: noCapture, runtime, code: null });
  return [
    warning('capture', `Nothing that ends it is captured: ${words}.`, 'Its exits are counted all the same.'),
  ];
}

/** As crashmon agent does it, with a Node.js of our own. */
async function checkExitWatch(): Promise<Check> {
  await using watch = new ExitWatch();
  const failed = await watch.start();
  // The first one takes longer than a process is held, on a busy machine; the agent has done it before.
  for (let trial = 0; failed === null && trial < TRIALS; trial++) {
    if (await runSelfTest(watch))
      return ok('exit-watch', 'A trial exception of Node.js was read at its exit.');
  }
  const message = `A trial exception of Node.js was not read at its exit${failed === null ? '' : `: ${failed.message}`}.`;
  return warning('exit-watch', message, 'In a clone, run: sh scripts/build-exit-watch.sh');
}

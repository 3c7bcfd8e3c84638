import type { WatchedChildren } from '../../agent/children/children.ts';
import { noCaptureWords } from '../../explain/no-capture-words.ts';
import { runtimeWords } from '../../explain/runtime-words.ts';
import { plural } from '../../formats/quantity-words.ts';
import { isExitWatched } from '../../host/capture/capture-outlook.ts';
import {
  type HostStatus,
  isAgentRunning,
  type RunningStatus,
  type ServiceStatus,
} from '../../host/host-status.ts';
import type { NoWords } from '../../host/no-words.ts';
import type { CoreTarget } from '../../model/system-core.ts';
import type { CliContext } from '../context.ts';
import type { AppStatus } from '../journals/app-status.ts';
import { capturedBy } from './capturable.ts';
import { colorsFor } from './colors.ts';
import { coreHandlerText } from './core-handler-text.ts';
import { alignColumns, clip, wrap } from './layout.ts';
import { line } from './safe-text.ts';
import { ago } from './times.ts';

type HostTextOptions = {
  app?: string | undefined;
  cores?: CoreTarget | null;
  /** Is gdbserver installed? */
  hasDebugger?: boolean;
};

/**
 * What `crashmon agent` watches and is not among the apps that were shown, and what it does not watch.
 * @param options.app only of this app
 * @param options.cores where core dumps of this host go
 */
export function hostText(
  status: HostStatus,
  shown: readonly AppStatus[],
  context: CliContext,
  { app, cores = null, hasDebugger = true }: HostTextOptions = {},
): string {
  const { bold, dim } = colorsFor(context.env, context.isTTY);
  const { columns } = context;
  if (!isAgentRunning(status)) return `${bold('crashmon agent is not running: it watches nothing')}\n`;
  const { pid, services } = status;
  const count = services.filter(({ isWatched }) => isWatched).length;
  const of = `, watches ${count} of ${plural(services.length, 'service')}`;
  const known = new Set(shown.map(({ service }) => service?.id));
  const more = services.filter(
    ({ id, ...service }) => !known.has(id) && (app ?? service.app) === service.app,
  );
  const calm = more.filter(({ isWatched }) => isWatched);
  const others = more.filter(({ isWatched }) => !isWatched);
  const paragraph = (text: string) => wrap(text, { indent: '  ', columns });
  const handler = coreHandlerText(cores);
  return [
    bold(`crashmon agent, pid ${pid}${app === undefined ? of : ''}`),
    ...(handler === null ? [] : [paragraph(handler)]),
    ...groups(calm, (service) => expectation(service, hasDebugger)).flatMap(([text, same]) => [
      ...`no crash so far; ${text}`.split('\n').map(paragraph),
      ...alignColumns(same.map((service) => cells(service, context))).map(
        (row) => `    ${clip(row, columns - 4)}`,
      ),
    ]),
    ...groups(others, ({ why }) => line(why)).map(([why, same]) =>
      dim(paragraph(`${why}: ${same.map(({ name }) => line(name)).join(', ')}`)),
    ),
    '',
  ].join('\n');
}

/** What limits that a service is watched. @param isSaid why nothing can be captured is said elsewhere */
export function limitsText({ source, running }: ServiceStatus, isSaid: boolean): string[] {
  if (running === null) return [];
  return [...(isSaid ? [] : captureLimits(running)), ...wordLimits(running, source)];
}

/** One line each. Of a host's hundreds of services most share them. */
function expectation(service: ServiceStatus, hasDebugger: boolean): string {
  const { source, running, why } = service;
  const words = source.startsWith('systemd')
    ? 'a crash is explained by its last lines in the journal'
    : 'a crash is explained by what it prints last';
  const isRead = running !== null && running.noWords === null;
  const armedFor = running?.armedFor ?? null;
  const armed =
    armedFor === null
      ? captureOutlook(service, hasDebugger)
      : [`armed: the next ${capturedBy(armedFor)} is captured`];
  const workers = running?.workers === undefined ? [] : [workersText(running.workers)];
  return [line(why), ...limitsText(service, false), ...(isRead ? [words] : []), ...armed, ...workers].join(
    '\n',
  );
}

/** What follows repeated crashes of one that is not armed. */
function captureOutlook({ running, source }: ServiceStatus, hasDebugger: boolean): string[] {
  const { runtime = null, noCapture = null } = running ?? {};
  if (runtime === null || (noCapture !== null && noCapture !== 'only-watched')) return [];
  if (noCapture !== null)
    return [`no capture possible: ${noCaptureWords({ why: noCapture, runtime, code: null })}`];
  const isNode = runtime === 'node';
  if (isNode && isExitWatched(source))
    return [
      'if crashes repeat, its exceptions can be captured; fatal signals cannot: crashmon agent is already its one tracer',
    ];
  if (hasDebugger)
    return [`if crashes repeat, its ${isNode ? 'exceptions and ' : ''}fatal signals can be captured`];
  return isNode
    ? ['if crashes repeat, its exceptions can be captured; fatal signals cannot: gdbserver is not installed']
    : ['no capture possible: gdbserver is not installed'];
}

function workersText({ name, count, armed, means }: WatchedChildren): string {
  const watched = `crashes of its ${plural(count, 'worker')} (${line(name)}) count`;
  return armed === 0 ? watched : `${watched}; armed: the next ${capturedBy(means)} of ${armed} is captured`;
}

function captureLimits({ noCapture }: RunningStatus): string[] {
  if (noCapture === null || noCapture === 'only-watched') return [];
  return [`no capture possible: ${noCaptureWords({ why: noCapture, runtime: null, code: null })}`];
}

function wordLimits({ noWords }: RunningStatus, source: string): string[] {
  if (noWords === null) return [];
  const words = noWordsText(noWords, source);
  return [noWords === 'not-known-yet' ? words : `a crash has no last words: ${words}`];
}

/** Why nothing is read of what a service prints last. */
export function noWordsText(why: NoWords, source: string): string {
  const isUnit = source.startsWith('systemd');
  switch (why) {
    case 'not-known-yet':
      return 'whether what it prints last can be read is not known yet';
    case 'discarded':
      return 'its standard error is discarded';
    case 'file':
      return 'its standard error goes to a file, which is not read';
    case 'no-file':
      return 'its standard error is no file that can be read';
    case 'elsewhere':
      return 'its standard error does not go to the journal';
    case 'filtered':
      return 'LogLevelMax= keeps its output out of the journal';
    case 'namespace':
      return 'LogNamespace= puts its output into a journal that is not read';
    case 'no-access':
      return isUnit
        ? 'the user of crashmon agent needs the group systemd-journal to read its output'
        : 'its output cannot be read';
  }
}

function groups(
  services: readonly ServiceStatus[],
  textOf: (service: ServiceStatus) => string,
): [string, ServiceStatus[]][] {
  return [...Map.groupBy(services, textOf)];
}

/** One row: the app, where it comes from, its process. */
function cells({ app, source, unit, running }: ServiceStatus, context: CliContext): string[] {
  const where = unit === null || unit === `${app}.service` ? source : `${source} ${unit}`;
  const row = [clip(line(app), 32), clip(line(where), 32)];
  if (running === null) return [...row, 'not running'];
  const { pid, startedAtMs, runtime } = running;
  const program = runtime === null ? '' : runtimeWords({ name: runtime, version: null });
  const started = ago({ wallMs: startedAtMs, monotonicMs: 0, bootId: '' }, context.now());
  return [...row, `pid ${pid}`, program, `started ${started}`];
}

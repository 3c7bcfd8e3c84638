import type { KeptDump, UnfinishedDump } from '../../dumps/list-dumps.ts';
import { exceptionsOf } from '../../explain/no-capture-words.ts';
import { runtimeWords } from '../../explain/runtime-words.ts';
import { formatDuration } from '../../formats/duration.ts';
import { plural } from '../../formats/quantity-words.ts';
import type { StartedWith } from '../../journal/documents.ts';
import type { Instant } from '../../model/instant.ts';
import { isSessionRunning } from '../../policy/session-state.ts';
import { hasProbe } from '../../policy/worker-preparation.ts';
import type { CliContext } from '../context.ts';
import type { AppStatus } from '../journals/app-status.ts';
import {
  refusedSentence,
  sessionSentence,
  unfinishedSentence,
  waitingSentence,
} from '../sessions/session-text.ts';
import { colorsFor } from './colors.ts';
import { childrenText, forksText, missedWorkersText } from './forks-text.ts';
import { limitsText } from './host-text.ts';
import { wrap } from './layout.ts';
import { line } from './safe-text.ts';
import { paintState, stateSentence } from './state-sentence.ts';
import { ago } from './times.ts';

/** Of a session: what is not in its bucket, or not yet deleted there, and what is being written. */
export type DumpNews = { waiting: readonly KeptDump[]; unfinished: readonly UnfinishedDump[] };

const NO_NEWS: DumpNews = { waiting: [], unfinished: [] };

/** The text of `crashmon status`. */
export function statusText(
  statuses: readonly AppStatus[],
  context: CliContext,
  news: ReadonlyMap<AppStatus, DumpNews>,
): string {
  return statuses.map((status) => oneStatus(status, context, news.get(status) ?? NO_NEWS)).join('\n');
}

function oneStatus(status: AppStatus, context: CliContext, news: DumpNews): string {
  const colors = colorsFor(context.env, context.isTTY);
  const now = context.now();
  const { worker } = status;
  const running =
    worker === null
      ? colors.dim(noWorker(status, now))
      : `worker ${worker.pid}, started ${ago(worker.startedAt, now)}, ${plural(worker.restarts, 'restart')}`;
  const notWatched = status.hosted?.isWatched === false ? status.hosted.why : null;
  const state = notWatched === null ? paintState(status.state, colors) : colors.dim(line(notWatched));
  const sentence = stateSentence(status, context, now.wallMs);
  return [
    `${colors.bold(line(status.app))} on ${line(status.instance)}: ${state}`,
    ...(notWatched === null
      ? [wrap(sentence, { indent: '  ', columns: context.columns }), `  ${running}`]
      : []),
    ...serviceLines(status, context),
    ...sessionLines(status, context, news),
    ...debuggerLines(status, context),
    ...programLines(status, context),
    ...uplinkLines(status, context),
    ...notifyLines(status, context),
    ...(worker !== null && !status.supervised && status.service === null
      ? [
          '  crashmon is not running: the worker keeps running, but will not be restarted. Start crashmon again.',
        ]
      : []),
    '',
  ].join('\n');
}

/** A session that runs, why its newest dump was not kept, what is being written, and why dumps are not in their bucket. */
function sessionLines(
  { session }: AppStatus,
  context: CliContext,
  { waiting, unfinished }: DumpNews,
): string[] {
  if (session === null) return [];
  const now = context.now();
  const isRunning = isSessionRunning(session, now);
  const failed = waiting.some(({ trouble }) => trouble !== null);
  return [
    isRunning ? sessionSentence(session, context) : null,
    isRunning ? refusedSentence(session) : null,
    unfinishedSentence(unfinished, now),
    failed ? waitingSentence(waiting, now) : null,
  ].flatMap((text) => (text === null ? [] : [wrap(text, { indent: '  ', columns: context.columns })]));
}

/** Where crashmon watches, and does not start anything. */
function serviceLines(status: AppStatus, { columns }: CliContext): string[] {
  const { service, hosted, supervised, missed, noCapture } = status;
  if (service === null) return [];
  const watched = hosted?.isWatched && supervised ? hosted : null;
  const why = watched === null ? '' : `; ${line(watched.why)}`;
  const lines = [`started by another supervisor: ${line(service.id)}${why}`];
  if (watched !== null) lines.push(...limitsText(watched, noCapture !== null));
  if (missed > 0) lines.push(`at least ${plural(missed, 'run')} ended unseen; only the number is known`);
  return lines.map((text) => wrap(text, { indent: '  ', columns }));
}

function noWorker({ supervised, restartAtMs, service }: AppStatus, { wallMs }: Instant): string {
  if (service !== null)
    return supervised ? 'not running' : 'crashmon agent is not running: nothing is watched';
  if (!supervised) return 'crashmon is not running: nothing is captured';
  const leftMs = (restartAtMs ?? 0) - wallMs;
  return leftMs > 0 ? `the worker restarts in ${formatDuration(leftMs)}` : 'the worker is restarting';
}

/** What an armed app still cannot capture, and processes whose crashes are not seen. */
function programLines(status: AppStatus, { columns }: CliContext): string[] {
  const { program, state, worker, startedWith, missedWorkers } = status;
  const lines = startedWith === null ? [] : [startedWithText(startedWith)];
  if (program !== null && state === 'armed' && !hasProbe(program.runtime)) {
    lines.push(`exceptions are not captured: ${exceptionsOf(program.runtime)}`);
  }
  if (program !== null && program.forks > 0 && worker !== null) lines.push(forksText(program.forks));
  if (program?.children !== undefined && worker !== null) lines.push(childrenText(program.children));
  if (missedWorkers > 0) lines.push(`at least ${missedWorkersText(missedWorkers, null)}`);
  return lines.map((text) => wrap(text, { indent: '  ', columns }));
}

function startedWithText({ runtime, gives, variables }: StartedWith): string {
  const name = runtimeWords({ name: runtime, version: null });
  const what =
    gives === 'probe'
      ? `the probe of ${name}, which removes them again`
      : `${name} prints more when it fails`;
  return `environment of the worker: ${variables.join(', ')} (${what})`;
}

const REMOTE_WORDS = {
  sessions: 'admins of the portal may start sessions and arm (--remote-control)',
  arm: 'admins of the portal may arm, but start no session: there is no --session-key (--remote-control)',
} as const;

/** Where crash records go, how many wait, and why they do not arrive. */
function uplinkLines({ uplink }: AppStatus, { columns, now }: CliContext): string[] {
  if (uplink === null) return [];
  const { endpoint, waiting, lastSuccessMs, failure, warning, remoteControl } = uplink;
  const last =
    lastSuccessMs === null ? 'none delivered yet' : `last delivered ${ago(wallClock(lastSuccessMs), now())}`;
  const wait = waiting === 0 ? 'none waiting' : `${plural(waiting, 'record')} waiting`;
  const problem = failure?.message ?? warning;
  const why = problem === undefined ? '' : `. ${line(problem)}`;
  const may = remoteControl === undefined ? [] : [REMOTE_WORDS[remoteControl]];
  return [`crash records are sent to ${line(endpoint)}: ${last}, ${wait}${why}`, ...may].map((text) =>
    wrap(text, { indent: '  ', columns }),
  );
}

/** Recipients of notifications, and why they are not delivered. */
function notifyLines({ notify }: AppStatus, { columns, now }: CliContext): string[] {
  if (notify === null) return [];
  const { receivers, lastDeliveredMs, waiting, givenUp, problem } = notify;
  const parts = [
    lastDeliveredMs === null
      ? 'none delivered yet'
      : `last delivered ${ago(wallClock(lastDeliveredMs), now())}`,
    ...(waiting === 0 ? [] : [`${waiting} waiting`]),
    ...(givenUp === 0 ? [] : [`${givenUp} dropped`]),
  ];
  const why = problem === null ? '' : `. ${line(problem)}`;
  const text = `notifications are sent to ${line(receivers.join(', '))}: ${parts.join(', ')}${why}`;
  return [wrap(text, { indent: '  ', columns })];
}

/** A time known from the wall clock only. */
function wallClock(wallMs: number): Instant {
  return { wallMs, monotonicMs: 0, bootId: '' };
}

/** The reason comes from the agent and can be long. */
function debuggerLines({ debugger: state }: AppStatus, { columns }: CliContext): string[] {
  if (state === null) return [];
  const text = {
    attached: 'debugger attached: a native crash will be captured',
    waiting: 'debugger not attached yet: waiting for the main process',
    'not-attached': 'no debugger attached: native crashes will have no call stack',
    off: 'debugger off: native crashes will have no call stack',
  }[state.state];
  const why = state.reason === null ? '' : ` (${line(state.reason)})`;
  return [wrap(`${text}${why}`, { indent: '  ', columns })];
}

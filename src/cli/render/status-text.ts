import type { AppStatus } from '../app-status.ts';
import type { CliContext } from '../context.ts';
import { coloursFor } from './colours.ts';
import { count, wrap } from './layout.ts';
import { line } from './safe-text.ts';
import { paintState, stateSentence } from './state-sentence.ts';
import { ago } from './times.ts';

/** `crashmon status` for people: two or three lines an app. */
export function statusText(statuses: readonly AppStatus[], context: CliContext): string {
  return statuses.map((status) => oneStatus(status, context)).join('\n');
}

function oneStatus(status: AppStatus, context: CliContext): string {
  const colours = coloursFor(context.env, context.isTTY);
  const now = context.now();
  const { worker } = status;
  const running =
    worker === null
      ? colours.dim('no worker runs')
      : `worker ${worker.pid}, started ${ago(worker.startedAt, now)}, ${count(worker.restarts, 'restart')}`;
  return [
    `${colours.bold(line(status.app))} on ${line(status.instance)}: ${paintState(status.state, colours)}`,
    wrap(stateSentence(status, context, now.wallMs), { indent: '  ', columns: context.columns }),
    `  ${running}`,
    ...debuggerLines(status, context),
    ...(worker !== null && !status.supervised
      ? ['  crashmon itself is gone: the worker runs on, but nobody will restart it. Start crashmon again.']
      : []),
    '',
  ].join('\n');
}

/** Of interest while something can be captured only; a reason is the agent's, and may be long. */
function debuggerLines({ debugger: state }: AppStatus, { columns }: CliContext): string[] {
  if (state === null) return [];
  const text = {
    attached: 'debugger attached: a native crash will be captured',
    waiting: 'debugger waits for the main process',
    'not-attached': 'no debugger attached, native crashes will have no call stack',
    off: 'debugger off, native crashes will have no call stack',
  }[state.state];
  const why = state.reason === null ? '' : `: ${line(state.reason)}`;
  return [wrap(`${text}${why}`, { indent: '  ', columns })];
}

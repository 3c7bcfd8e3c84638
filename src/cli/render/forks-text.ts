import { plural } from '../../formats/quantity-words.ts';
import type { ProgramState } from '../../journal/documents.ts';
import { capturedBy } from './capturable.ts';

/** For any main process that starts its own program again, and is no master that crashmon knows. */
export function forksText(forks: number): string {
  const what = plural(forks, 'child process runs', 'child processes run');
  return `${what} the same program: crashmon cannot see their crashes while the main process runs (--children names what to watch)`;
}

/** Processes below the main one whose crashes count. */
export function childrenText(children: NonNullable<ProgramState['children']>): string {
  const { name, count, armed = 0, means = 'exit-watch' } = children;
  const watched = `watching ${plural(count, 'process', 'processes')} below the main process for crashes (${name})`;
  if (armed === 0) return watched;
  return `${watched}; ${armed === count ? '' : `${armed} of them `}armed: the next ${capturedBy(means)} will be captured`;
}

/** How they ended was not seen, or there were too many to record each. @param name of their master, or their own */
export function missedWorkersText(count: number, name: string | null): string {
  const which = name === null ? '' : ` (${name})`;
  const what = plural(count, 'process', 'processes');
  return `${what} below the main process${which} ended and ${count === 1 ? 'was' : 'were'} only counted; ${count === 1 ? 'it' : 'they'} may have crashed`;
}

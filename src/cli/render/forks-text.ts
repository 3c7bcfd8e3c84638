import { count } from './layout.ts';

/** Of a cluster or a pre-fork server, or of any main process that runs itself again. */
export function forksText(forks: number): string {
  const what = count(forks, 'child process runs', 'child processes run');
  return `${what} the same program: crashmon does not see a crash there while the main process lives`;
}

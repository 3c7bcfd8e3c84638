import { plural } from '../../formats/quantity-words.ts';

/** For a cluster, a pre-fork server, or any main process that starts its own program again. */
export function forksText(forks: number): string {
  const what = plural(forks, 'child process runs', 'child processes run');
  return `${what} the same program: crashmon cannot see their crashes while the main process runs`;
}

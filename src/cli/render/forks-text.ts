import { plural } from '../../formats/quantity-words.ts';

/** For any main process that starts its own program again, and is no master that crashmon knows. */
export function forksText(forks: number): string {
  const what = plural(forks, 'child process runs', 'child processes run');
  return `${what} the same program: crashmon cannot see their crashes while the main process runs (--children names what to watch)`;
}

/** Processes below the main one whose crashes count. */
export function childrenText({ name, count }: { name: string; count: number }): string {
  return `watching ${plural(count, 'process', 'processes')} below the main process for crashes (${name})`;
}

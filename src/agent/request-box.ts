import { watch } from 'node:fs';
import { type Request, requestDirectory, takeRequests } from '../journal/requests.ts';

/** Watches for requests of the CLI to the running agent (`crashmon arm --restart`, `crashmon disarm`). */
export function watchRequests(directory: string | null, carryOut: (request: Request) => void): Disposable {
  if (directory === null) return { [Symbol.dispose]() {} };
  // A request from before this start was meant for an earlier agent.
  takeRequests(directory);
  try {
    const watcher = watch(requestDirectory(directory), { persistent: false }, () => {
      for (const request of takeRequests(directory)) carryOut(request);
    });
    watcher.on('error', () => {});
    return { [Symbol.dispose]: () => watcher.close() };
  } catch {
    // Without the directory (read-only state) there are no requests either.
    return { [Symbol.dispose]() {} };
  }
}

import { watch } from 'node:fs';
import { type Request, requestDirectory, takeRequests } from '../journal/requests.ts';

/** Watches for what the CLI asks of a running agent (`crashmon arm --restart`, `crashmon disarm`). */
export function watchRequests(directory: string | null, carryOut: (request: Request) => void): Disposable {
  if (directory === null) return { [Symbol.dispose]() {} };
  // What was left while no agent ran asked for something of an agent that is gone.
  takeRequests(directory);
  try {
    const watcher = watch(requestDirectory(directory), { persistent: false }, () => {
      for (const request of takeRequests(directory)) carryOut(request);
    });
    watcher.on('error', () => {});
    return { [Symbol.dispose]: () => watcher.close() };
  } catch {
    // Without the directory (read-only state) nobody can leave a request either.
    return { [Symbol.dispose]() {} };
  }
}

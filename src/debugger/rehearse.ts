import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { attachDebugger } from './attach-debugger.ts';
import type { AttachFailure } from './attach-failure.ts';
import type { OnFatal } from './session.ts';

/**
 * Captures a small process that handles SIGABRT, and lets it go. Two uses: code that has run once is three times as
 * fast when a worker is held, and `captured` tells whether capturing works on this machine at all.
 */
export async function rehearse(options: {
  onFatal: OnFatal<unknown>;
  gdbserverPath?: string;
  holdLimitMs?: number;
}): Promise<'captured' | 'not-captured' | AttachFailure> {
  const script = 'trap : ABRT; echo ready; read -r line';
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = new Promise((resolve) => {
    for (const event of ['exit', 'error']) child.once(event, resolve);
  });
  try {
    await Promise.race([once(child.stdout, 'data'), exited]);
    const seen = Promise.withResolvers<'captured' | 'not-captured'>();
    const session = await attachDebugger<unknown>({
      ...options,
      pid: child.pid ?? 0,
      onEvent: (event) => {
        if (event.type !== 'first-chance') return;
        seen.resolve(event.outcome === 'captured' ? 'captured' : 'not-captured');
      },
    });
    if ('failed' in session) return session;
    child.kill('SIGABRT');
    const outcome = await Promise.race([seen.promise, session.ended.then(() => 'not-captured' as const)]);
    await session.detach();
    return outcome;
  } finally {
    child.kill('SIGKILL');
    child.stdin.destroy();
    child.stdout.destroy();
    await exited;
  }
}

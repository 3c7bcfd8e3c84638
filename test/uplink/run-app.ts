import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openJournalReadOnly } from '../../src/journal/open-journal-read-only.ts';
import { crashUid } from '../../src/privacy/publish-crash.ts';
import { startCrashmon } from '../support/crashmon.ts';
import type { RunningProgram } from '../support/run-program.ts';
import type { Receiver } from '../support/telemetry/receiver.ts';

export const TOKEN = 'token-4111-of-the-portal';

/** A worker that says `ready` and dies at the next line of its standard input. */
export const CRASHES_ON_REQUEST =
  "process.stdin.once('data', () => { throw new TypeError('no price for alice'); }); console.log('ready');";

/** Runs a program under crashmon that sends to the receiver. */
export function runApp(
  stateDir: string,
  receiver: Pick<Receiver, 'url'>,
  { script = CRASHES_ON_REQUEST, options = [] as string[], env = {} as Record<string, string> } = {},
): RunningProgram {
  const own = ['--name', 'shop', '--instance', 'web-1', '--restart-delay', '10ms', ...options];
  return startCrashmon(
    ['run', ...own, '--portal', receiver.url, '--no-debugger', '--', process.execPath, '-e', script],
    { stateDir, env: { CRASHMON_PORTAL_TOKEN: TOKEN, ...env }, input: 'open' },
  );
}

/** Lets the worker die, and waits until the next one is there. */
export async function crash(app: RunningProgram): Promise<void> {
  const from = app.stdout.length;
  app.stdin.write('now\n');
  await app.waitForLine('stdout', /ready/, from);
}

/** uids of the crashes that the journal holds. */
export function recordedCrashes(stateDir: string): string[] {
  using journal = openJournalReadOnly(slotOf(stateDir));
  const exits = journal?.exits({ limit: 10_000 }) ?? [];
  return exits.filter(({ verdict }) => verdict.counted).map(crashUid);
}

export function waitingRecords(stateDir: string): number {
  using journal = openJournalReadOnly(slotOf(stateDir));
  return journal?.outboxTotals().records ?? 0;
}

export function slotOf(stateDir: string): string {
  const [app = ''] = readdirSync(join(stateDir, 'apps'));
  const [instance = ''] = readdirSync(join(stateDir, 'apps', app));
  return join(stateDir, 'apps', app, instance);
}

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openJournalReadOnly } from '../../src/journal/open-journal-read-only.ts';
import { startCrashmon } from '../support/crashmon.ts';
import { processesMarked } from '../support/leftovers.ts';
import type { RunningProgram } from '../support/run-program.ts';
import type { MailServer } from './mail-server.ts';

/** A worker that says `ready` and dies at the next line of its standard input. */
const CRASHES_ON_REQUEST = `
  process.title = 'canary-title';
  process.stdin.once('data', () => {
    console.error('canary-stderr');
    throw Object.assign(new TypeError('canary-message', { cause: new Error('canary-cause') }), { card: 'canary-field' });
  });
  console.log('ready');`;

export const STAYS = "console.log('ready'); setInterval(() => {}, 1e6)";

type NotifiedOptions = { script?: string; options?: readonly string[]; env?: Record<string, string> };

/** Runs a program under crashmon that sends notifications to ops@example.com. */
export function runNotified(
  stateDir: string,
  server: Pick<MailServer, 'port'>,
  { script = CRASHES_ON_REQUEST, options = [], env = {} }: NotifiedOptions = {},
): RunningProgram {
  const own = ['--name', 'shop', '--instance', 'web-1', '--restart-delay', '10ms', '--no-debugger'];
  const mail = ['--notify', `smtp://localhost:${server.port}`, '--mail-to', 'ops@example.com'];
  const command = ['--', process.execPath, '-e', script];
  return startCrashmon(['run', ...own, ...mail, ...options, ...command], { stateDir, env, input: 'open' });
}

/** Lets the worker die, and waits until the next one is there. */
export async function crash(app: RunningProgram): Promise<void> {
  const from = app.stdout.length;
  app.stdin.write('now\n');
  await app.waitForLine('stdout', /ready/, from);
}

/** Exit codes of all crashes in the journal. */
export function crashCodes(stateDir: string): Set<number> {
  using journal = openJournalReadOnly(slotOf(stateDir));
  const exits = journal?.exits({ limit: 10_000 }) ?? [];
  return new Set(
    exits.flatMap(({ verdict, status }) => (verdict.counted && status.type === 'code' ? [status.code] : [])),
  );
}

/** Running notifiers. */
export function notifiers(stateDir: string): number[] {
  return processesMarked(stateDir).flatMap(({ pid, commandLine }) =>
    commandLine.includes('notify-process') ? [pid] : [],
  );
}

function slotOf(stateDir: string): string {
  const [app = ''] = readdirSync(join(stateDir, 'apps'));
  const [instance = ''] = readdirSync(join(stateDir, 'apps', app));
  return join(stateDir, 'apps', app, instance);
}

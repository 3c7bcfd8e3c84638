import path from 'node:path';
import { systemClock } from '../../src/agent/clock.ts';
import { type AppStatus, appStatus } from '../../src/cli/journals/app-status.ts';
import type { OpenJournal } from '../../src/cli/journals/open-journals.ts';
import { crashToJson, newestExits } from '../../src/cli/journals/stored-crash.ts';
import { listJournals } from '../../src/journal/list-journals.ts';
import { openJournalReadOnly } from '../../src/journal/open-journal-read-only.ts';
import { CHECKOUT, type CrashmonOptions, crashmon, startCrashmon } from '../support/crashmon.ts';
import type { ProgramResult, RunningProgram } from '../support/run-program.ts';

const FIXTURES = path.join(CHECKOUT, 'test', 'fixtures', 'agent');

export type Watched = {
  /** Options of `crashmon run`, beside `--name app`. */
  options?: readonly string[];
  command: readonly string[];
} & CrashmonOptions;

/** `crashmon run --name app … -- command`, left running; dispose of it. */
export function startRun({ options = [], command, ...rest }: Watched): RunningProgram {
  return startCrashmon(['run', '--name', 'app', ...options, '--', ...command], rest);
}

/** The same, to its end. */
export function run({ options = [], command, ...rest }: Watched): Promise<ProgramResult> {
  return crashmon(['run', '--name', 'app', ...options, '--', ...command], rest);
}

/** A command that runs a program of `test/fixtures/agent/`. */
export function fixture(name: string, ...args: string[]): string[] {
  return [process.execPath, path.join(FIXTURES, name), ...args];
}

export type ListedExit = {
  id: string;
  exit: { code: number | null; signal: string | null };
  counted: boolean;
  reason: string;
  captured: boolean;
};

/** What `crashmon crashes --json` prints, newest first; without its start. */
export function exitsOf(stateDir: string): ListedExit[] {
  return withJournals(stateDir, (journals) => newestExits(journals, 10_000).map(crashToJson)) as ListedExit[];
}

/** What `crashmon status` shows; without its start. A worker is in the journal once crashmon has printed its start. */
export function statusOf(stateDir: string): AppStatus[] {
  const now = systemClock()();
  return withJournals(stateDir, (journals) => journals.map((journal) => appStatus(journal, now)));
}

function withJournals<Result>(stateDir: string, read: (journals: OpenJournal[]) => Result): Result {
  using opened = new DisposableStack();
  const journals = listJournals(stateDir).flatMap((location) => {
    const reader = opened.use(openJournalReadOnly(location.directory));
    return reader === null ? [] : [{ ...location, ...reader.identity(), reader }];
  });
  return read(journals);
}

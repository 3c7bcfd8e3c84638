// Writes to a journal on a small disk until it is full, then frees some space. Prints what happened as JSON.
// Argument: the state directory, on a file system of its own.
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openJournal } from '../../../src/journal/open-journal.ts';
import { writePrivateLog } from '../../../src/journal/private-log.ts';
import { acquireSlot } from '../../../src/journal/slot.ts';
import { CrashmonError } from '../../../src/model/crashmon-error.ts';
import { NOON_MS, sampleExit, stateWith } from './sample-run.ts';

const [stateDir = ''] = process.argv.slice(2);
const identity = { app: 'shop', instance: 'web-1' };
const slot = acquireSlot(stateDir, 'shop', 'web-1');
let journal = openJournal(slot.directory, identity, NOON_MS);
journal.recordExit(sampleExit(1), stateWith(1));

const filler = join(stateDir, 'filler');
fillDisk(filler);
let stored = 1;
const writeError = failure(() => {
  for (let number = 2; number < 5_000; number++) {
    journal.recordExit(sampleExit(number), stateWith(number));
    stored = number;
  }
});
const logError = failure(() =>
  writePrivateLog(slot.directory, {
    id: 'a'.repeat(12),
    diedAtMs: NOON_MS,
    text: 'x'.repeat(100_000),
    captured: true,
  }),
);
const checkpointError = failure(() => journal.checkpoint());
const readable = journal.exits({ limit: 5_000 }).length === stored;
const agrees = journal.policyState().crashes.length === stored;
journal.close();
const reopenError = failure(() => openJournal(slot.directory, identity, NOON_MS).close());
const freshError = failure(() => {
  const fresh = acquireSlot(stateDir, 'other', 'web-1');
  openJournal(fresh.directory, { app: 'other', instance: 'web-1' }, NOON_MS).close();
});

rmSync(filler);
journal = openJournal(slot.directory, identity, NOON_MS);
journal.recordExit(sampleExit(stored + 1), stateWith(stored + 1));
const recovered = journal.exits({ limit: 5_000 }).length === stored + 1 && journal.problems.length === 0;
journal.close();
const answers = {
  writeError,
  logError,
  checkpointError,
  reopenError,
  freshError,
  readable,
  agrees,
  recovered,
};
writeSync(1, JSON.stringify(answers));

function failure(operation: () => unknown): string | null {
  try {
    operation();
    return null;
  } catch (error) {
    return error instanceof CrashmonError ? `${error.code} ${error.message}` : `not ours: ${error}`;
  }
}

function fillDisk(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (const size of [65_536, 4_096, 1]) {
      try {
        while (writeSync(file, Buffer.alloc(size)) > 0);
      } catch {}
    }
  } finally {
    closeSync(file);
  }
}

// Records exit after exit and prints the number of each once it is stored, until it is killed.
// Arguments: state directory, first number.
import { writeSync } from 'node:fs';
import { openJournal } from '../../../src/journal/open-journal.ts';
import { acquireSlot } from '../../../src/journal/slot.ts';
import { NOON_MS, sampleExit, sampleReport, sampleRun, stateWith } from './sample-run.ts';

const [stateDir = '', first = '1'] = process.argv.slice(2);
const slot = acquireSlot(stateDir, 'shop', 'web-1');
const journal = openJournal(slot.directory, { app: 'shop', instance: slot.instance }, NOON_MS);
for (let number = Number(first); ; number++) {
  const run = sampleRun(number);
  journal.recordIntent(run);
  journal.recordStarted(run.id, 4242, number);
  // The policy state has the number of exits: both must always agree.
  journal.recordExit(sampleExit(number), stateWith(number));
  if (number % 3 === 0) journal.saveReport(run.id, sampleReport(run.id));
  if (number % 7 === 0) journal.checkpoint();
  writeSync(1, `${number}\n`);
}

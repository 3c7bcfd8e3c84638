// Joins a journal that may not be there yet and records 50 exits. Arguments: directory, first number.
import { joinJournal } from '../../../src/journal/join-journal.ts';
import { CrashmonError } from '../../../src/model/crashmon-error.ts';
import { sampleExit, stateWith } from './sample-run.ts';

const [directory = '', first = '1'] = process.argv.slice(2);
using journal = joinJournal(directory);
for (let number = Number(first); number < Number(first) + 50; number++) {
  while (!isStored(number));
}

/** Another writer may have it for longer than a write waits; to try again is the contract. */
function isStored(number: number): boolean {
  try {
    journal.recordExit(sampleExit(number), stateWith(number));
    return true;
  } catch (error) {
    if (error instanceof CrashmonError && /another process has locked it/.test(error.message)) return false;
    throw error;
  }
}

// Asks for a slot on a read-only file system and prints the error. Argument: the state directory.
import { writeSync } from 'node:fs';
import { listJournals } from '../../../src/journal/list-journals.ts';
import { acquireSlot } from '../../../src/journal/slot.ts';
import { CrashmonError } from '../../../src/model/crashmon-error.ts';

const [stateDir = ''] = process.argv.slice(2);
try {
  acquireSlot(stateDir, 'shop', 'web-1');
} catch (error) {
  const text = error instanceof CrashmonError ? `${error.code} ${error.message}` : `not ours: ${error}`;
  writeSync(1, JSON.stringify({ text, journals: listJournals(stateDir).length }));
}

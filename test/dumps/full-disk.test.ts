import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { CHECKOUT } from '../support/crashmon.ts';
import { runProgram } from '../support/run-program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const PROGRAM = path.join(CHECKOUT, 'test/support/dumps/on-full-disk.ts');
const [FIRST, SECOND] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'];

/** Without root it works, too, where users can have name spaces. */
async function onDisk(options: string) {
  await using directory = await temporaryDirectory('full');
  const command = ['--mount', '--map-root-user', process.execPath, PROGRAM, directory.path, options];
  const { stdout, stderr } = await runProgram('unshare', command);
  assert.match(stdout, /^\{/, stderr);
  return JSON.parse(stdout);
}

describe('a full disk leaves whole dumps or none', () => {
  test('by its size', async () => {
    const { kept, afterKeeping, afterwards } = await onDisk('size=75m');
    assert.deepEqual(kept, ['kept', 'no-space'], '64 MB remain free');
    assert.deepEqual(afterKeeping, [`${FIRST}.core.zst.age`, `${FIRST}.json`]);
    assert.deepEqual(afterwards, [`${FIRST}.json`, `${FIRST}.stored`], 'still to be deleted in the bucket');
  });

  test('by its number of files, where nothing can be noted either: memory is deleted in time', async () => {
    // The root and the directory of the store, both files of one dump, and the first of the next.
    const { kept, afterKeeping, whileFull, afterwards } = await onDisk('size=200m,nr_inodes=5');
    assert.deepEqual(kept, ['kept', 'no-space']);
    assert.deepEqual(afterKeeping, [`${FIRST}.core.zst.age`, `${FIRST}.json`]);
    assert.deepEqual(whileFull, [0]);
    assert.deepEqual(afterwards, [`${FIRST}.json`, `${FIRST}.stored`]);
    assert.ok(!afterwards.join().includes(SECOND));
  });
});

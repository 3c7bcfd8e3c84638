import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT, MAIN } from '../support/crashmon.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { runProgram } from '../support/run-program.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const SOURCE = path.join(CHECKOUT, 'test/fixtures/native/floods-stderr.c');
const NODE_WRITER = `
const chunk = Buffer.alloc(8192, 'x'.repeat(99) + '\\n');
let errors = 0;
for (let left = 5e8; left > 0; left -= chunk.length) try { require('fs').writeSync(2, chunk); } catch { errors++; }
console.log('errors ' + errors);
`;

/** What a container has for /dev/shm; the used size of both places is noted while the writers run. */
const IN_CONTAINER = `
mount -t tmpfs -o size=64m tmpfs /dev/shm
(while :; do df --output=used -k /dev/shm | tail -n 1; du -sk "$CRASHMON_STATE_DIR" 2>/dev/null | cut -f 1; sleep 0.02; done) > "$USED" &
noting=$!
"$NODE" "$MAIN" run --restart never --quiet -- sh -c "$WRITERS" 2>/dev/null
kill $noting
`;

test('writers of hundreds of MB a second get no error where /dev/shm has 64 MB, and the file stays bounded', async () => {
  await using state = await stateDirectory();
  await using folder = await temporaryDirectory('flood');
  const writer = path.join(folder.path, 'floods-stderr');
  assert.equal((await runProgram('gcc', ['-O2', '-o', writer, SOURCE])).code, 0);
  const script = path.join(folder.path, 'floods.cjs');
  await writeFile(script, NODE_WRITER);
  const used = path.join(folder.path, 'used');
  const node = `'${process.execPath}' ${script}`;
  // Again after pauses, in which crashmon has fallen asleep; two together.
  const writers = `${writer} 500 4096; ${node}; sleep 2; ${writer} 500 4096 & ${writer} 500 4096; wait; sleep 2; ${node}`;
  const { code, stdout, stderr } = await runProgram('unshare', ['--mount', 'sh', '-c', IN_CONTAINER], {
    env: {
      CRASHMON_STATE_DIR: state.path,
      NODE: process.execPath,
      MAIN,
      USED: used,
      WRITERS: writers,
    },
  });
  assert.equal(code, 0, stderr);
  assert.deepEqual(stdout.trim().split('\n'), Array(5).fill('errors 0'));
  const most = Math.max(...execFileSync('cat', [used], { encoding: 'utf8' }).split('\n').map(Number));
  // Of 2.5 GB. On a busy machine crashmon is late for a moment.
  assert.ok(most > 0 && most < 256 * 1024, `${most} KB`);
  await assertNothingLeft(state.path);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNothingLeft } from '../support/leftovers.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { exitsOf, run } from './run-worker.ts';

test('with --max-restarts crashmon ends as the worker did, and says so once', async () => {
  await using state = await stateDirectory();
  const options = ['--restart-delay', '0', '--max-restarts', '2/1h'];
  const { code, signal, stdout, stderr } = await run({
    stateDir: state.path,
    options,
    command: ['sh', '-c', 'echo started; kill -SEGV $$'],
  });
  assert.deepEqual([code, signal], [null, 'SIGSEGV']);
  assert.equal(stdout, 'started\n'.repeat(3));
  assert.deepEqual(stderr.match(/.*max-restarts.*/g), [
    'crashmon: not restarting app: 2 restarts in 1 h (--max-restarts); crashmon exits with the same status',
  ]);
  assert.equal(exitsOf(state.path).length, 3);
  await assertNothingLeft(state.path);
});

test('what is no limit is refused', async () => {
  await using state = await stateDirectory();
  for (const text of ['5', '0/1h', '5/', '5/0', '5/10x']) {
    const options = ['--max-restarts', text];
    const { code, stderr } = await run({ stateDir: state.path, options, command: ['true'] });
    assert.equal(code, 2, text);
    assert.match(stderr, /such as 5\/10m/);
  }
});

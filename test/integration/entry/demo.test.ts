import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT, crashmon } from '../../support/crashmon.ts';
import { assertNothingLeft } from '../../support/leftovers.ts';
import { runProgram } from '../../support/run-program.ts';
import { stateDirectory } from '../../support/state-directory.ts';

test('./crashmon demo ends with the stack, and what it suggests works when pasted', async () => {
  await using state = await stateDirectory();
  const args = ['demo', '--state-dir', state.path];
  const options = { cwd: CHECKOUT, env: { NODE_OPTIONS: '--no-warnings', CRASHMON_STATE_DIR: undefined } };
  const { code, stdout, stderr } = await runProgram('./crashmon', args, options);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.equal(stdout.match(/^ {2}order \d/gm)?.length, 5);
  assert.match(stdout, /^ {2}> discountOf +src\/pricing\.ts:26:11$/m);
  const suggested = Array.from(
    stdout.matchAll(/^ *(\.\/crashmon (?:show|crashes)[^\n]*?--state-dir \S+)/gm),
    (match) => match[1] ?? '',
  );
  assert.equal(suggested.length, 4);
  for (const command of suggested) {
    const pasted = await runProgram('sh', ['-c', command], options);
    assert.deepEqual({ code: pasted.code, stderr: pasted.stderr }, { code: 0, stderr: '' }, command);
    assert.match(
      pasted.stdout,
      command.includes('--private') ? /ada\.lovelace@example\.org/ : /counted \(5 in 24 h\)/,
    );
  }

  const again = await runProgram('./crashmon', args, options);
  assert.equal(
    again.stdout.match(/^ {2}order \d.*captured$/gm)?.length,
    1,
    'a second demo there captures at once',
  );
  await assertNothingLeft(state.path);
});

test('a demo that cannot succeed ends at once with one line', async () => {
  await using state = await stateDirectory();
  const file = path.join(CHECKOUT, 'package.json');
  const unusable = await crashmon(['demo', '--state-dir', path.join(file, 'x')], { stateDir: state.path });
  assert.equal(unusable.code, 1);
  assert.match(unusable.stderr, /^crashmon: .*a part of the path is not a directory.*\n$/);
  assert.doesNotMatch(unusable.stdout, /order 1/);

  const proc = await crashmon(['demo', '--state-dir', '/proc/sys'], { stateDir: state.path });
  assert.equal(proc.code, 1);
  assert.match(
    proc.stderr,
    /^crashmon: The demo failed: .*cannot remember.*\/proc\/sys.*crashmon doctor --state-dir \/proc\/sys\n$/,
  );
  assert.doesNotMatch(proc.stdout, /order 1/);

  const off = await crashmon(['demo', '--state-dir', state.path], {
    stateDir: state.path,
    env: { CRASHMON_ENABLED: 'false' },
  });
  assert.equal(off.code, 1);
  assert.match(
    off.stderr,
    /^crashmon: The demo failed: monitoring is switched off \(CRASHMON_ENABLED=false\).*\n$/,
  );
  await assertNothingLeft(state.path);
});

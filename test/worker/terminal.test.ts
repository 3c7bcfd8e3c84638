import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from '../support/crashmon.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { startProgram } from '../support/run-program.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { MODES, type Mode, prefixOf } from './run-both.ts';

const PROGRAM = [
  '/usr/bin/python3',
  path.join(CHECKOUT, 'test', 'fixtures', 'transparency', 'prints-terminal.py'),
];

/** What is on the screen of a terminal (of script(1)) in which it is run with input typed. */
async function screen(mode: Mode, stateDir: string): Promise<{ code: number | null; text: string }> {
  const words = [...prefixOf(mode), ...PROGRAM].map((word) => `'${word}'`).join(' ');
  await using terminal = startProgram(
    'script',
    ['-qfec', `stty rows 33 cols 101; exec ${words}`, '/dev/null'],
    {
      input: 'open',
      env: {
        CRASHMON_STATE_DIR: stateDir,
        CRASHMON_DEBUGGER: mode === 'armed, below its debugger' ? 'parent' : undefined,
      },
    },
  );
  await terminal.waitForLine('stdout', /to the terminal itself/);
  terminal.stdin.write('typed\n');
  const { code, stdout } = await terminal.exited;
  return { code, text: stdout };
}

test('in a terminal a program sees the same terminal', async () => {
  await using state = await stateDirectory();
  const bare = await screen('bare', state.path);
  assert.equal(bare.code, 0, bare.text);
  assert.match(bare.text, /columns=101, lines=33\) True[\s\S]*read: typed/);
  for (const mode of Object.keys(MODES) as Mode[]) {
    if (mode !== 'bare') assert.deepEqual(await screen(mode, state.path), bare, mode);
  }
  await assertNothingLeft(state.path);
});

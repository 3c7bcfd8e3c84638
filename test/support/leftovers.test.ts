import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { assertNothingLeft, leftovers, untilNoneMarked } from './leftovers.ts';
import { startProgram } from './run-program.ts';
import { stateDirectory } from './state-directory.ts';

test('finds processes in other process groups and raw captures, and is content without them', async () => {
  await using state = await stateDirectory();
  await assertNothingLeft(state.path, 0);

  const env = { CRASHMON_STATE_DIR: state.path };
  const command = [process.execPath, '-e', 'console.log("started"); setInterval(() => {}, 60_000)'];
  await using program = startProgram('setsid', command, { env });
  await program.waitForLine('stdout', /started/);
  await mkdir(path.join(state.path, 'apps/shop/here/raw/0123456789ab'), { recursive: true });
  const { processes, files } = leftovers(state.path);
  assert.deepEqual(
    processes.map(({ commandLine }) => commandLine),
    [command.join(' ')],
  );
  assert.deepEqual(files, [path.join(state.path, 'apps/shop/here/raw/0123456789ab')]);
  await assert.rejects(assertNothingLeft(state.path, 0), /left over:\n\d+ \S+ -e console/);

  process.kill(processes[0]?.pid ?? 0, 'SIGKILL');
  await untilNoneMarked(state.path);
});

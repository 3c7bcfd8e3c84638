import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processesMarked } from './leftovers.ts';
import { runProgram, startProgram } from './run-program.ts';

test('captures output, exit code and signal', async () => {
  const done = await runProgram('sh', ['-c', 'cat; echo oops >&2; exit 3'], { input: 'hello' });
  assert.deepEqual(done, { code: 3, signal: null, stdout: 'hello', stderr: 'oops\n' });
  const killed = await runProgram('sh', ['-c', 'kill -TERM $$']);
  assert.equal(killed.signal, 'SIGTERM');
});

test('a program that cannot be started rejects', async () => {
  await assert.rejects(runProgram('/nowhere/program', []), { code: 'ENOENT' });
});

test('waits for a line, old or new, and says so when none can come any more', async () => {
  await using program = startProgram('sh', ['-c', 'echo one; read line; echo "got $line"; echo -n last'], {
    input: 'open',
  });
  await program.waitForLine('stdout', /^one$/);
  await program.waitForLine('stdout', /one/);
  const from = program.stdout.length;
  program.stdin.write('two\n');
  assert.equal((await program.waitForLine('stdout', /got (.*)/, from))[1], 'two');
  await assert.rejects(program.waitForLine('stdout', /three/), /stdout ended without.*\n[\s\S]*got two/);
});

test('the deadline kills the whole group and fails with what was said', async () => {
  const mark = `mark-${process.pid}-deadline`;
  const running = runProgram('sh', ['-c', 'echo started; sleep 60 & sleep 60'], {
    env: { MARK: mark },
    deadlineMs: 300,
  });
  await assert.rejects(running, /not done after 300 ms[\s\S]*started/);
  await gone(mark);
});

test('disposal kills what the program left in its group', async () => {
  const mark = `mark-${process.pid}-disposal`;
  {
    await using program = startProgram('sh', ['-c', 'sleep 60 & echo started'], { env: { MARK: mark } });
    await program.exited;
    assert.match(processesMarked(mark).at(0)?.commandLine ?? '', /^sleep/);
  }
  await gone(mark);
});

/** SIGKILL may still be on its way to processes that are not our children: there is no event for their end. */
async function gone(mark: string): Promise<void> {
  while (processesMarked(mark).length > 0) await new Promise(setImmediate);
}

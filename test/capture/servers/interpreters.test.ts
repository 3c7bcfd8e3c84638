import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { CHECKOUT } from '../../support/crashmon.ts';
import { freePort } from '../../support/free-port.ts';
import { type Death, dieUnderDebugger, namesOf } from '../../support/native/die-under-debugger.ts';
import { type Address, get, startLoad } from '../../support/native/load.ts';
import { type RunningProgram, startProgram } from '../../support/run-program.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const FIXTURES = path.join(CHECKOUT, 'test', 'fixtures', 'native');

/** Lets a server crash on a request among others. */
async function deathBy(server: RunningProgram, address: Address, request: string): Promise<Death<undefined>> {
  await using load = startLoad(async () => {
    assert.equal(await get(address, '/'), 'hello');
  });
  const death = await dieUnderDebugger(server.pid, async () => {
    await load.answers(40);
    await get(address, request).catch(() => {});
  });
  assert.equal((await server.exited).signal, 'SIGSEGV');
  assert.ok(death.end.type === 'killed' && death.end.signal === 11 && death.end.capture !== null);
  return death;
}

test('a threaded server in Python crashes by what a request does with ctypes', async () => {
  await using directory = await temporaryDirectory('python');
  const socketPath = path.join(directory.path, 's');
  await using server = startProgram('python3', [path.join(FIXTURES, 'serves-and-reads-null.py'), socketPath]);
  await server.waitForLine('stdout', /^ready$/);
  const { fault, stack, end } = await deathBy(server, { socketPath }, '/crash');
  assert.deepEqual([fault?.summary, fault?.faultAddress], ['null-access', 0n]);
  const names = namesOf(stack);
  assert.match(names[0] ?? '', /strlen/);
  assert.match(names.join('\n'), /ffi_call\n(?:.*\n)*_PyEval_EvalFrameDefault\n(?:.*\n)*start_thread\n/);
  assert.ok(end.type === 'killed' && end.capture?.tid !== server.pid, 'in the thread of its request');
});

describe('PHP’s own server dies', () => {
  for (const [request, summary] of [
    ['/ffi', 'null-access'],
    ['/overflow', 'stack-overflow'],
  ] as const) {
    test(`of ${summary} in a request`, async () => {
      const port = await freePort();
      const script = path.join(FIXTURES, 'serves-and-crashes.php');
      const args = ['-n', '-d', 'extension=ffi', '-d', 'ffi.enable=1', '-d', 'memory_limit=-1'];
      await using server = startProgram('php', [...args, '-S', `127.0.0.1:${port}`, script]);
      await server.waitForLine('stderr', /started/);
      const { fault, stack } = await deathBy(server, { host: '127.0.0.1', port }, request);
      assert.equal(fault?.summary, summary);
      const names = namesOf(stack);
      assert.ok(names.includes('execute_ex'), names.join('\n'));
      if (summary === 'null-access') assert.match(names[0] ?? '', /strlen/);
      else assert.equal(stack?.threads[0]?.frames.length, 64);
    });
  }
});

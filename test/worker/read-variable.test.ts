import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readVariable } from '../../src/worker/read-variable.ts';
import { startProgram } from '../support/run-program.ts';

test('an environment that is empty, as while a program is executed, cannot be read: its variables are not absent', async () => {
  const script = 'import time; print("ready", flush=True); time.sleep(600)';
  await using empty = startProgram('env', ['-i', '/usr/bin/python3', '-c', script]);
  await empty.waitForLine('stdout', /ready/);
  assert.equal(readVariable(empty.pid, 'X'), undefined);
  await using other = startProgram('env', ['-i', 'X=1', '/usr/bin/python3', '-c', script]);
  await other.waitForLine('stdout', /ready/);
  assert.deepEqual([readVariable(other.pid, 'X'), readVariable(other.pid, 'Y')], ['1', null]);
});

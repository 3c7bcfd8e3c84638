import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NativeWatch } from '../../../src/agent/native/native-watch.ts';
import type { DebuggerState } from '../../../src/journal/documents.ts';
import { tracerOf } from './armed.ts';

async function launch(...command: string[]) {
  const states: DebuggerState['state'][] = [];
  const { PATH } = process.env;
  const launched = await NativeWatch.launch({ command, env: { PATH }, stderr: 'inherit' }, ({ state }) =>
    states.push(state),
  );
  assert.ok(launched !== null);
  return { ...launched, states };
}

describe('a worker whose debugger is its parent', () => {
  test('how it exits is known', async () => {
    const { worker, watch } = await launch('sh', '-c', 'sleep 0.1; exit 7');
    assert.deepEqual(await worker.exited, { type: 'code', code: 7 });
    assert.equal(await watch.lastWord(), null);
    await watch.over;
  });

  test('its death by a signal is captured', async () => {
    const { worker, watch, states } = await launch('sh', '-c', 'sleep 0.1; kill -SEGV $$');
    assert.deepEqual(await worker.exited, { type: 'signal', signal: 'SIGSEGV' });
    const capture = await watch.lastWord();
    assert.equal(capture?.value.fault.signal, 11);
    assert.ok((capture?.value.chunks.length ?? 0) > 0);
    await watch.over;
    assert.equal(states[0], 'attached');
  });

  test('signals reach it, and it is not let go of', async () => {
    const { worker, watch } = await launch('sleep', '60');
    assert.ok(watch.isParent && tracerOf(worker.pid) > 0);
    worker.signal('SIGTERM');
    assert.deepEqual(await worker.exited, { type: 'signal', signal: 'SIGTERM' });
    await watch.over;
  });
});

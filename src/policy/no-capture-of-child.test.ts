import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CrashKind } from '../model/exit.ts';
import { counted } from './exit-verdict.ts';
import { type EndedChildFacts, noCaptureOfChild } from './no-capture-of-child.ts';

const ended = (more: Partial<EndedChildFacts> & { kind?: CrashKind }): EndedChildFacts => ({
  status: { type: 'code', code: 1 },
  verdict: counted(more.kind ?? 'exit', 'unknown'),
  captured: false,
  armed: true,
  runtime: 'node',
  wasRead: false,
  canDebug: true,
  ...more,
});

test('a worker of Node.js that exits will be captured, unless its end was read and said nothing', () => {
  assert.equal(noCaptureOfChild(ended({})), null);
  assert.equal(noCaptureOfChild(ended({ captured: true, wasRead: true })), null);
  assert.deepEqual(noCaptureOfChild(ended({ wasRead: true })), {
    ...{ why: 'worker-process', runtime: 'node', code: 1 },
  });
  assert.equal(noCaptureOfChild(ended({ kind: 'out-of-memory', status: signal('SIGABRT') })), null);
});

test('a fatal signal of a worker will be captured, unless no debugger is wanted for it', () => {
  const byFault = { kind: 'fault', status: signal('SIGSEGV') } as const;
  assert.equal(noCaptureOfChild(ended(byFault)), null);
  assert.equal(noCaptureOfChild(ended({ ...byFault, runtime: 'go' }))?.why, 'untraced');
  assert.equal(noCaptureOfChild(ended({ ...byFault, canDebug: false }))?.why, 'no-debugger');
});

test('nothing is captured of an exit of another runtime, and of an OOM kill that was too fast', () => {
  // A shell's code for the same.
  assert.equal(noCaptureOfChild(ended({ kind: 'fault', status: { type: 'code', code: 139 } }))?.code, 139);
  assert.equal(noCaptureOfChild(ended({ runtime: 'python' }))?.runtime, 'python');
  assert.equal(noCaptureOfChild(ended({ runtime: null }))?.why, 'worker-process');
  const killed = { kind: 'oom-kill', status: signal('SIGKILL') } as const;
  assert.equal(noCaptureOfChild(ended(killed))?.why, 'oom-kill');
  assert.equal(noCaptureOfChild(ended({ ...killed, armed: false })), null, 'its memory will be read');
});

function signal(name: string): EndedChildFacts['status'] {
  return { type: 'signal', signal: name };
}

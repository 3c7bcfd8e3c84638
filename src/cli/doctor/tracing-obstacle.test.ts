import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attachFailure } from '../../debugger/attach-failure.ts';
import { readTracingFacts, type TracingFacts, tracingObstacle } from './tracing-obstacle.ts';

const refused = (facts: TracingFacts) => tracingObstacle(attachFailure('not-permitted', 'no'), facts);

test('each value of ptrace_scope has an explanation and advice', () => {
  const parents = refused({ ptraceScope: 1, hasCapability: false });
  assert.match(parents.message, /child processes .*ptrace_scope is 1/);
  assert.match(parents.advice, /system call ptrace.*--cap-add SYS_PTRACE/);
  const capable = refused({ ptraceScope: 2, hasCapability: false });
  assert.match(capable.advice, /sysctl kernel\.yama\.ptrace_scope=0.*--cap-add SYS_PTRACE/);
  assert.match(capable.message, /CAP_SYS_PTRACE .*ptrace_scope is 2/);
  for (const hasCapability of [true, false]) {
    const disabled = refused({ ptraceScope: 3, hasCapability });
    assert.match(disabled.message, /until reboot .*ptrace_scope is 3/);
    assert.match(disabled.advice, /reboot/);
  }
});

test('if ptrace_scope allows tracing, a container or a profile is named', () => {
  for (const ptraceScope of [0]) {
    const container = refused({ ptraceScope, hasCapability: false });
    assert.match(container.message, /container without CAP_SYS_PTRACE/);
    assert.match(container.advice, /^Give crashmon .*--cap-add SYS_PTRACE/);
  }
  for (const ptraceScope of [0, 1, 2]) {
    assert.match(refused({ ptraceScope, hasCapability: true }).message, /seccomp profile/);
  }
});

test('other failures say what to do, and none is more than a sentence', () => {
  const facts = { ptraceScope: 0, hasCapability: true };
  const explain = (code: Parameters<typeof attachFailure>[0]) =>
    tracingObstacle(attachFailure(code, 'it went wrong'), facts);
  assert.match(explain('already-traced').message, /one tracer per process/);
  assert.match(explain('no-gdbserver').advice, /apt install gdbserver/);
  assert.match(explain('protocol').message, /it went wrong\.$/);
  for (const code of ['gone', 'stopped', 'aborted'] as const) {
    assert.match(explain(code).message, /^A trial crash .* not captured: it went wrong\.$/);
  }
});

test('the facts of this machine can be read', () => {
  const { ptraceScope, hasCapability } = readTracingFacts();
  assert.ok(ptraceScope >= 0 && ptraceScope <= 3);
  assert.equal(typeof hasCapability, 'boolean');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noCaptureWords } from '../../explain/no-capture-words.ts';
import { captureOutlook } from './capture-outlook.ts';

test('where the kernel lets nothing trace, no capability is advised', () => {
  const why = captureOutlook(process.pid, 'node', 'systemd', true, () => 'never');
  assert.equal(why, 'tracing-disabled');
  assert.match(noCaptureWords({ why, runtime: 'node', code: null }), /ptrace_scope is 3.*reboot/);
  assert.equal(
    captureOutlook(process.pid, 'node', 'systemd', false, () => 'never'),
    'switched-off',
  );
});

test('no debugger is promised where the exit watch is the tracer', () => {
  const of = (runtime: 'node' | 'native', source: 'process' | 'container' | 'docker') =>
    captureOutlook(process.pid, runtime, source, true, () => 'any');
  assert.deepEqual(
    [of('native', 'process'), of('native', 'container'), of('native', 'docker'), of('node', 'process')],
    ['exit-watched', 'exit-watched', null, null],
  );
});

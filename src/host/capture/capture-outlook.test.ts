import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noCaptureWords } from '../../explain/no-capture-words.ts';
import { captureOutlook } from './capture-outlook.ts';

test('where the kernel lets nothing trace, no capability is advised', () => {
  const why = captureOutlook(process.pid, 'node', true, () => 'never');
  assert.equal(why, 'tracing-disabled');
  assert.match(noCaptureWords({ why, runtime: 'node', code: null }), /ptrace_scope is 3.*reboot/);
  assert.equal(
    captureOutlook(process.pid, 'node', false, () => 'never'),
    'switched-off',
  );
});

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from '../support/crashmon.ts';
import { runProgram } from '../support/run-program.ts';

test('systemd knows every setting of the units', async () => {
  const units = ['crashmon-agent.service', 'crashmon-portal.service'];
  for (const unit of units) {
    const file = path.join(CHECKOUT, 'deploy/systemd', unit);
    const { code, stderr } = await runProgram('systemd-analyze', ['verify', '--man=no', file]);
    const ofUnit = stderr.split('\n').filter((line) => line.includes(unit));
    assert.deepEqual({ code, ofUnit }, { code: 0, ofUnit: [] });
  }
});

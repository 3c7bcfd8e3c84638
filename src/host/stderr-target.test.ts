import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { type StderrTarget, stderrTarget } from './stderr-target.ts';

test('where standard error goes to is seen at the process', async () => {
  await using directory = await temporaryDirectory('stderr');
  const file = openSync(path.join(directory.path, 'error.log'), 'a');
  const rows: ['ignore' | 'pipe' | number, StderrTarget | null][] = [
    ['ignore', 'discarded'],
    [file, 'file'],
    ['pipe', null],
  ];
  for (const [stderr, expected] of rows) {
    const child = spawn('/bin/cat', [], { stdio: ['pipe', 'ignore', stderr] });
    await once(child, 'spawn');
    assert.equal(stderrTarget(child.pid ?? 0), expected);
    child.stdin?.end();
    await once(child, 'exit');
    assert.equal(stderrTarget(child.pid ?? 0), null);
  }
  closeSync(file);
});

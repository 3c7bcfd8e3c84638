import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { type NoWords, noWordsOf } from './no-words.ts';

test('where standard error goes is seen at the process', async () => {
  await using directory = await temporaryDirectory('stderr');
  const file = openSync(path.join(directory.path, 'error.log'), 'a');
  const rows: ['ignore' | 'pipe' | number, unit: NoWords | null, process: NoWords | null][] = [
    ['ignore', 'discarded', 'no-file'],
    [file, 'file', null],
    ['pipe', null, 'no-file'],
  ];
  for (const [stderr, unit, ofProcess] of rows) {
    const child = spawn('/bin/cat', [], { stdio: ['pipe', 'ignore', stderr] });
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    assert.equal(noWordsOf(pid, 'systemd'), unit);
    assert.equal(noWordsOf(pid, 'process'), ofProcess);
    assert.equal(noWordsOf(pid, 'pm2'), null);
    child.stdin?.end();
    await once(child, 'exit');
    assert.equal(noWordsOf(pid, 'systemd'), null);
  }
  closeSync(file);
});

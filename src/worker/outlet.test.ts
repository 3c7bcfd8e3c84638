import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { Outlet } from './outlet.ts';

test('lines of a busy process do not wait for each other: what is queued is one write', async () => {
  await using directory = await temporaryDirectory('outlet');
  const file = path.join(directory.path, 'lines');
  const fd = openSync(file, 'w');
  const outlet = new Outlet(fd);
  const lines = Array.from({ length: 1_000 }, (_, index) => `line ${index}`);
  let settled = 0;
  for (const line of lines) void outlet.writeLine(line).then(() => (settled += 1));
  // Far fewer turns of the event loop than lines.
  for (let turns = 0; settled < lines.length; turns++) {
    assert.ok(turns < 1_000_000, 'it never ends');
    await new Promise((resolve) => setImmediate(resolve));
  }
  await outlet.writeLine('last');
  closeSync(fd);
  assert.deepEqual(readFileSync(file, 'utf8').split('\n'), [...lines, 'last', '']);
});

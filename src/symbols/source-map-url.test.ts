import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { findSourceMapUrl } from './source-map-url.ts';

const megabyte = 1024 * 1024;
const cases: [string, string, string | null][] = [
  ['the last of several', '//# sourceMappingURL=a\nx();\n//# sourceMappingURL=b\n\n', 'b'],
  ['behind code', 'x();//# sourceMappingURL=a', 'a'],
  ['the old mark', 'x();\n//@ sourceMappingURL=a\n', 'a'],
  ['a block comment', 'x();\n/*# sourceMappingURL=a*/', 'a'],
  ['comments may follow', '//# sourceMappingURL=ü.map\n// license\n/* more */\n', 'ü.map'],
  ['code may not', '//# sourceMappingURL=a\nx();\n', null],
  ['words in a string', 'x("sourceMappingURL=a")\n', null],
  ['nothing named', '//# sourceMappingURL=\n', null],
  ['Windows lines', 'x();\r\n//# sourceMappingURL=a\r\n', 'a'],
  ['a long last line', `${'x'.repeat(megabyte)}//# sourceMappingURL=a`, 'a'],
  ['a comment beyond the first piece', `//# sourceMappingURL=${'a'.repeat(megabyte)}`, 'a'.repeat(megabyte)],
  ['an empty file', '', null],
];

for (const [title, text, expected] of cases) {
  test(title, async () => {
    await using directory = await temporaryDirectory('url');
    const file = path.join(directory.path, 'a.js');
    await writeFile(file, text);
    assert.equal(findSourceMapUrl(file, 8 * megabyte), expected);
  });
}

test('a FIFO is not waited for', async () => {
  await using directory = await temporaryDirectory('url');
  const fifo = path.join(directory.path, 'a.js');
  execFileSync('mkfifo', [fifo]);
  assert.deepEqual(findSourceMapUrl(fifo, megabyte), { problem: 'missing' });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { processorMs } from '../../../test/support/processor-time.ts';
import { parseEuStack, parseEuStackCuts } from './eu-stack.ts';

const PRINTED = `PID 7 - core module memory map
0x0000555555554000-0x0000555555558080 app
  [f4739d8c8ec4cf56136549c8c999994e1b0a8fa5]
  /srv/shop/app
  /usr/lib/debug/app.debug
0x00007ffff7fc8000-0x00007ffff7fca000 linux-vdso.so.1
  -
PID 7 - core
TID 7:
#0  0x00005555555553d8     app::operator - (app::A const&) - app
    [f4739d8c8ec4cf56136549c8c999994e1b0a8fa5]@0x555555554000+0x13d8
    /srv/shop/src/a b.cpp:12:137
#1  0x00005555555553d8     main - /srv/shop/app
    /srv/shop/src/main.cpp:9
#2  0x0000555555555506 - 1 - app
#3  0x00007ffff0000000 - 1
TID 8:
#100 0x00007ffff7b278d9     __clone3 - libc.so.6
`;

test('modules, threads and frames', () => {
  const { modules, threads } = parseEuStack(PRINTED);
  assert.deepEqual(modules, [
    {
      start: 0x555555554000n,
      end: 0x555555558080n,
      buildId: 'f4739d8c8ec4cf56136549c8c999994e1b0a8fa5',
      path: '/srv/shop/app',
    },
    { start: 0x7ffff7fc8000n, end: 0x7ffff7fca000n, buildId: null, path: 'linux-vdso.so.1' },
  ]);
  const nowhere = { symbol: null, file: null, line: null, column: null, modulePath: null };
  assert.deepEqual(threads, [
    {
      tid: 7,
      cut: false,
      frames: [
        {
          address: 0x5555555553d8n,
          isReturnAddress: false,
          symbol: 'app::operator - (app::A const&)',
          file: '/srv/shop/src/a b.cpp',
          line: 12,
          column: 137,
          modulePath: null,
        },
        {
          address: 0x5555555553d8n,
          isReturnAddress: false,
          symbol: 'main',
          file: '/srv/shop/src/main.cpp',
          line: 9,
          column: null,
          modulePath: '/srv/shop/app',
        },
        { ...nowhere, address: 0x555555555506n, isReturnAddress: true },
        { ...nowhere, address: 0x7ffff0000000n, isReturnAddress: true },
      ],
    },
    {
      tid: 8,
      cut: false,
      frames: [{ ...nowhere, address: 0x7ffff7b278d9n, isReturnAddress: false, symbol: '__clone3' }],
    },
  ]);
});

test('which threads have more frames', () => {
  const said =
    'eu-stack: tid 7: shown max number of frames (5, use -n 0 for unlimited)\neu-stack: tid 8: else\n';
  assert.deepEqual(parseEuStackCuts(said), new Set([7]));
});

test('any text is fine, and bounded', () => {
  const line = fc.oneof(
    fc.constantFrom(...PRINTED.split('\n')),
    fc.string({ unit: 'grapheme', maxLength: 80 }),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
      const { modules, threads } = parseEuStack(lines.join('\n'));
      assert.ok(modules.length + threads.length <= lines.length);
    }),
  );
  const { threads } = parseEuStack(
    `PID 7 - core\nTID 7:\n${'#0  0x00005555555553d8     f - a\n'.repeat(100_000)}`,
  );
  assert.equal(threads[0]?.frames.length, 1024);
  assert.equal(threads[0]?.cut, true);
});

test('a long hostile line takes no time', () => {
  const usedMs = processorMs(() => {
    for (const part of [' - ', '#0  0x0000555555555506 - 1 - ', ':1', '    [']) {
      const line = part.repeat(5_000);
      parseEuStack(`PID 7 - core\nTID 7:\n${`#0  0x00005555555553d8     ${line}\n    ${line}\n`.repeat(50)}`);
    }
  });
  assert.ok(usedMs < 4000);
});

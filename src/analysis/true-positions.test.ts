import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawFrame } from '../model/probe-record.ts';
import { type ScriptFiles, TruePositions } from './true-positions.ts';

const STARTED_MS = 1_000_000;
const SAME = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);
const STRIPPED = 'c'.repeat(64);

const SOURCE = `type Item = { cents: number };
function priceOf(item: Item): number {
  return item.price.cents;
}
function total(items: Item[]): number {
  return items.map((item) => priceOf(item))[0];
}
use(total);
use(total);
`;

const files: ScriptFiles = {
  hashes: () => [SAME],
  strippedHashes: (path) => (path.endsWith('stripped.ts') ? [STRIPPED] : []),
  changedAtMs: (path) => (path.includes('edited') ? STARTED_MS + 1 : STARTED_MS - 1),
};
const thrown = { type: 'TypeError', message: "Cannot read properties of undefined (reading 'cents')" };

function frame(fields: Partial<RawFrame>): RawFrame {
  return { function: 'f', file: '/srv/a.ts', line: 1, column: 1, async: false, ...fields };
}

function placed(frames: RawFrame[], startedAtMs: number | null = STARTED_MS): string[] {
  const readSource = (path: string) => (path.startsWith('/srv/') ? SOURCE : null);
  return new TruePositions(files, readSource, startedAtMs)
    .of(frames, 'call-site', thrown)
    .map(({ file, line, column, noLine }) => noLine ?? `${file}:${line}:${column}`);
}

test('the text that ran is the file: the position is', () => {
  assert.deepEqual(placed([frame({ scriptHash: SAME, file: 'file:///srv/a.ts' })]), ['file:///srv/a.ts:1:1']);
  assert.deepEqual(
    placed([frame({ scriptHash: SAME, printed: { file: '/srv/b.ts', line: 2, column: 3 } })]),
    ['/srv/a.ts:1:1'],
  );
});

test('the text that ran is what type stripping makes of the file: nothing has moved', () => {
  assert.deepEqual(placed([frame({ scriptHash: STRIPPED, file: '/srv/stripped.ts' })]), [
    '/srv/stripped.ts:1:1',
  ]);
  assert.deepEqual(placed([frame({ scriptHash: STRIPPED })]), ['transpiled']);
});

test('the text that ran is another: the position is the one that was printed', () => {
  const printed = { file: '/srv/a.ts', line: 3, column: 21 };
  assert.deepEqual(placed([frame({ scriptHash: OTHER, printed })]), ['/srv/a.ts:3:21']);
  const relative = { file: './a.ts', line: 3, column: 21 };
  assert.deepEqual(placed([frame({ scriptHash: OTHER, printed: relative })]), ['/srv/a.ts:3:21']);
});

test('what was printed is no position of a script on disk', () => {
  for (const printed of [
    { file: '/srv/a.ts', line: 4111, column: 1 },
    { file: '/srv/a.ts', line: 1, column: 4111 },
    { file: '/home/alice/diary.txt', line: 1, column: 1 },
    { file: '/etc/gone.ts', line: 1, column: 1 },
    { file: '../a.ts', line: 1, column: 1 },
    { file: 'b.ts', line: 1, column: 1 },
  ]) {
    assert.deepEqual(placed([frame({ scriptHash: OTHER, printed })]), ['transpiled'], printed.file);
  }
});

test('a file that was changed since the start has no lines', () => {
  const edited = { file: '/srv/edited.ts' };
  assert.deepEqual(placed([frame({ ...edited, scriptHash: OTHER })]), ['changed']);
  assert.deepEqual(
    placed([
      frame({ ...edited, scriptHash: OTHER, printed: { file: '/srv/edited.ts', line: 1, column: 1 } }),
    ]),
    ['changed'],
  );
  assert.deepEqual(placed([frame({ file: '/srv/edited.js' })]), ['changed']);
  // Touched, but with the text that runs.
  assert.deepEqual(placed([frame({ ...edited, scriptHash: SAME })]), ['/srv/edited.ts:1:1']);
  assert.deepEqual(placed([frame({ file: '/srv/edited.js' })], null), ['/srv/edited.js:1:1']);
});

test('without a hash JavaScript is believed, TypeScript only where the source shows the very call', () => {
  assert.deepEqual(placed([frame({ file: '/srv/a.js' })]), ['/srv/a.js:1:1']);
  const stack = [
    frame({ function: 'priceOf', line: 3, column: 21 }),
    frame({ function: null, line: 6, column: 30 }),
    frame({ function: 'Array.map', file: null, line: null, column: null }),
    frame({ function: 'total', line: 6, column: 16 }),
  ];
  assert.deepEqual(placed(stack), ['/srv/a.ts:3:21', '/srv/a.ts:6:30', 'null:null:null', '/srv/a.ts:6:16']);
  const moved = stack.map((each) => (each.line === null ? each : { ...each, line: each.line - 1 }));
  assert.deepEqual(placed(moved), ['transpiled', 'transpiled', 'null:null:null', 'transpiled']);
});

test('a call that stands in several lines alike proves nothing', () => {
  const stack = [
    frame({ function: 'use', file: null, line: null, column: null }),
    frame({ line: 8, column: 1 }),
  ];
  assert.deepEqual(placed(stack)[1], 'transpiled');
});

test('names without a file are left as they are', () => {
  assert.deepEqual(placed([frame({ file: 'node:fs' }), frame({ file: '[eval]' })]), [
    'node:fs:1:1',
    '[eval]:1:1',
  ]);
});

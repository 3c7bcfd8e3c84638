import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Frame } from '../../model/frame.ts';
import { foldStack } from './fold-stack.ts';
import { framePlace, rawStack } from './frame-words.ts';

const frame = (name: string, module: string | null, changes: Partial<Frame> = {}): Frame => ({
  ...{ function: name, file: `${name}.js`, line: 1, column: 2, module, inApp: module === null, repeat: 1 },
  ...{ trust: 'call-site', ...changes },
});
const told = (frames: readonly Frame[]) =>
  foldStack(frames).map((part) =>
    part.type === 'frame' ? (part.frame.function ?? '') : `${part.frames.length} of ${part.owners.join()}`,
  );

test('runs of others are one line, findings stand alone', () => {
  const stack = [
    frame('top', 'express'),
    frame('own', null),
    frame('a', 'express'),
    frame('b', 'node'),
    frame('main', null),
    frame('c', 'node'),
    frame('d', 'node', { repeat: 900 }),
    frame('e', 'node'),
    frame('f', 'node'),
  ];
  assert.deepEqual(told(stack), ['top', 'own', '2 of express,Node.js', 'main', 'c', 'd', '2 of Node.js']);
  assert.deepEqual(told([frame('a', 'x'), frame('b', 'x'), frame('c', 'x')]), ['a', 'b', 'c']);
});

test('nothing is lost, and everything keeps its place', () => {
  const anyFrame = fc.tuple(fc.constantFrom(null, 'node', 'lib'), fc.constantFrom(1, 5));
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 60 }), (made) => {
      const frames = made.map(([module, repeat], at) => frame(`f${at}`, module, { repeat }));
      const parts = foldStack(frames);
      assert.deepEqual(
        parts.flatMap((part) => (part.type === 'frame' ? [part.frame] : part.frames)),
        frames,
      );
      for (const part of parts) {
        const first = part.type === 'frame' ? part.frame : part.frames[0];
        assert.equal(frames[part.at], first);
      }
    }),
  );
});

test('the plain text says what the page says, how often and how certain', () => {
  const native = { image: 'lib.so', offset: '0x1f', buildId: 'abc', inlined: false };
  const stripped = frame('x', 'lib.so', { function: null, file: null, native, trust: 'scan', repeat: 3 });
  assert.equal(framePlace(stripped), 'lib.so+0x1f');
  assert.equal(
    rawStack('SIGSEGV', [frame('own', null), stripped]),
    'SIGSEGV\n    at own (own.js:1:2)\n    at (no name) (lib.so+0x1f)  × 3  build abc  [may be left over]',
  );
});

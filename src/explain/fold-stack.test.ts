import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { libraryFrame, machineFrame } from '../../test/support/journal/native-death.ts';
import type { Frame } from '../model/frame.ts';
import { foldStack } from './fold-stack.ts';

const app = machineFrame('app', 1);
const libc = (name: string, more: Partial<Frame> = {}) => libraryFrame(name, '/lib/libc.so.6', 1, more);
const node = (name: string) => libraryFrame(name, '/usr/bin/node', 1, { module: 'node' });
const script = (name: string, module: string | null, changes: Partial<Frame> = {}): Frame => ({
  ...{ function: name, file: `${name}.js`, line: 1, column: 2, module, inApp: module === null, repeat: 1 },
  ...{ trust: 'call-site', ...changes },
});

function shown(frames: readonly Frame[]): (string | null)[] {
  return foldStack(frames).map((part) => (part.type === 'run' ? part.text : part.frame.function));
}

test('folds runs of frames that are not the app’s, except the innermost and repeated ones', () => {
  const stack = [
    script('top', 'express'),
    script('own', null),
    script('a', 'express'),
    script('b', 'node'),
    script('main', null),
    script('c', 'node'),
    script('d', 'node', { repeat: 900 }),
    script('e', 'node'),
    script('f', 'node'),
  ];
  assert.deepEqual(shown(stack), [
    ...['top', 'own', '2 frames of express and Node.js', 'main', 'c', 'd', '2 frames of Node.js'],
  ]);
});

test('shows the place of the fault and the library function that the app called', () => {
  const strlen = ['strlen', 'inner', 'outer', 'printf'].map((name) => libc(name));
  assert.deepEqual(shown([...strlen, app]), ['strlen', '2 frames of libc', 'printf', 'app']);
});

test('folds what starts a program, but never a single frame', () => {
  const start = [libc('__libc_start_main'), libc('_start')];
  assert.deepEqual(shown([app, ...start]), ['app', '2 frames of libc']);
  assert.deepEqual(shown([app, libc('_start')]), ['app', '_start']);
  assert.deepEqual(shown([libc('a'), libc('b'), app]), ['a', 'b', 'app']);
});

test("folds Node's own frames, whatever their language", () => {
  const emit: Frame = { ...node('emit'), file: 'node:events', trust: 'v8-heap' };
  delete emit.native;
  const run = [node('a'), emit, node('b')];
  assert.deepEqual(shown([app, ...run, app]), ['app', '3 frames of Node.js', 'app']);
});

test('says that folded frames are uncertain', () => {
  const run = [libc('maybe', { trust: 'scan' }), libc('perhaps', { trust: 'frame-pointer' }), libc('sure')];
  assert.deepEqual(shown([app, ...run]), ['app', '3 frames of libc, some uncertain']);
});

test('never folds frames of the app or repeated ones', () => {
  const kept = [app, libc('again', { repeat: 9 }), libc('mine', { inApp: true, trust: 'scan' })];
  assert.deepEqual(
    shown([...kept, ...kept]),
    [...kept, ...kept].map((frame) => frame.function),
  );
});

test('shows the first six frames of a stack without the app’s code', () => {
  assert.deepEqual(shown([libc('poll'), node('uv_run'), libc('clone')]), ['poll', 'uv_run', 'clone']);
  const many = Array.from({ length: 30 }, (_, at) => script(`f${at}`, 'node'));
  assert.deepEqual(shown(many), ['f0', 'f1', 'f2', 'f3', 'f4', 'f5', '24 frames of Node.js']);
});

test('loses no frame and no index', () => {
  const anyFrame = fc.tuple(fc.constantFrom(null, 'node', 'lib'), fc.constantFrom(1, 5));
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 60 }), (made) => {
      const frames = made.map(([module, repeat], at) => script(`f${at}`, module, { repeat }));
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

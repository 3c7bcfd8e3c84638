import assert from 'node:assert/strict';
import { test } from 'node:test';
import { libraryFrame, machineFrame } from '../../test/support/journal/native-death.ts';
import type { Frame } from '../model/frame.ts';
import { foldRuntime } from './fold-runtime.ts';

const app = machineFrame('app', 1);
const libc = (name: string, more: Partial<Frame> = {}) => libraryFrame(name, '/lib/libc.so.6', 1, more);
const node = (name: string) => libraryFrame(name, '/usr/bin/node', 1, { module: 'node' });

function shown(frames: readonly Frame[], keepFirst = true): (string | null)[] {
  return foldRuntime(frames, { keepFirst }).map((part) => (part.folded ? part.text : part.frame.function));
}

test('of a library the call into it and the place of the fault stay', () => {
  const strlen = ['strlen', 'inner', 'outer', 'printf'].map((name) => libc(name));
  assert.deepEqual(shown([...strlen, app]), ['strlen', '… 2 frames of libc', 'printf', 'app']);
  assert.deepEqual(shown([...strlen, app], false), ['… 3 frames of libc', 'printf', 'app']);
});

test('what starts a program is folded whole, and a single frame never', () => {
  const start = [libc('__libc_start_main'), libc('_start')];
  assert.deepEqual(shown([app, ...start]), ['app', '… 2 frames of libc']);
  assert.deepEqual(shown([app, libc('_start')]), ['app', '_start']);
  assert.deepEqual(shown([libc('a'), libc('b'), app]), ['a', 'b', 'app']);
});

test("Node's own frames fold, whatever their language", () => {
  const emit: Frame = { ...node('emit'), file: 'node:events', trust: 'v8-heap' };
  delete emit.native;
  assert.deepEqual(shown([app, node('a'), emit, node('b'), app]), [
    'app',
    '… 3 frames of Node.js itself',
    'app',
  ]);
});

test('frames of the app, of add-ons, with a count or uncertain are never folded', () => {
  const kept = [
    app,
    libraryFrame('addon', '/srv/sharp.node', 1),
    libc('again', { repeat: 9 }),
    libc('maybe', { trust: 'scan' }),
    libc('perhaps', { trust: 'frame-pointer' }),
    libc('mine', { inApp: true }),
  ];
  assert.deepEqual(
    shown([...kept, ...kept]),
    [...kept, ...kept].map((frame) => frame.function),
  );
});

test('a stack of nothing else is shown as it is', () => {
  assert.deepEqual(shown([libc('poll'), node('uv_run'), libc('clone')]), ['poll', 'uv_run', 'clone']);
});

test('more than two libraries have a common name', () => {
  const run = ['libc.so.6', 'libstdc++.so.6', 'libgcc_s.so.1'].map((file) =>
    libraryFrame('f', `/${file}`, 1),
  );
  assert.deepEqual(shown([app, ...run]), ['app', '… 3 frames of system libraries']);
});

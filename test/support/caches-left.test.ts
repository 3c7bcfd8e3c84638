import assert from 'node:assert/strict';
import { mkdirSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { cachesLeft } from './caches-left.ts';
import { temporaryDirectory } from './temporary-directory.ts';

test('caches that were written to since then are left over', async () => {
  await using directory = await temporaryDirectory('caches');
  const caches = ['swc-native-0', 'swc-node-1000', 'tsx-0', 'v8-compile-cache-0', 'yarn--1796077524313-0.96'];
  for (const name of [...caches, 'tsx-notes', 'crashmon-test-1']) mkdirSync(path.join(directory.path, name));
  utimesSync(path.join(directory.path, 'tsx-0'), 1000, 1000);
  assert.deepEqual(
    cachesLeft(directory.path, 1_000_001).toSorted(),
    caches.filter((name) => name !== 'tsx-0'),
  );
});

import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { createRaw } from '../journal/raw-capture.ts';
import { inMemory, keepHeap, makeInMemory, removeInMemory, sweepInMemory } from './run-in-memory.ts';

test('a place in memory for a run: private, found by a link, copied at the end, swept after kill -9', async () => {
  await using directory = await temporaryDirectory('in-memory');
  const uid = process.geteuid?.() ?? 0;
  const placeOf = (runId: string) => ({ directory: directory.path, runId, uid });
  const [one, other] = [placeOf('0123456789ab'), placeOf('ba9876543210')];
  const raw = createRaw(directory.path, one.runId);
  makeInMemory(one);
  const place = inMemory(one);
  assert.equal(readlinkSync(path.join(raw, 'in-memory')), place);
  assert.deepEqual([statSync(place).mode & 0o777, path.dirname(place)], [0o700, `/dev/shm/crashmon-${uid}`]);
  writeFileSync(path.join(place, 'heap.json'), '{}');
  keepHeap(one);
  assert.equal(readFileSync(path.join(raw, 'heap.json'), 'utf8'), '{}');

  // What the app puts there in its place is not followed.
  mkdirSync(inMemory(other));
  symlinkSync('/etc/passwd', path.join(inMemory(other), 'heap.json'));
  const otherRaw = createRaw(directory.path, other.runId);
  keepHeap(other);
  assert.ok(!existsSync(path.join(otherRaw, 'heap.json')));

  sweepInMemory(directory.path, uid, (runId) => runId === one.runId);
  assert.deepEqual([existsSync(inMemory(other)), existsSync(place)], [false, true]);
  removeInMemory(one);
  assert.ok(!existsSync(place));
});

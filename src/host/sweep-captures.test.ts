import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import type { Analyses } from '../agent/analyses.ts';
import { Memory } from '../agent/memory.ts';
import { sweepCaptures } from './sweep-captures.ts';

const NOW_MS = 1_800_000_000_000;
const clock = () => ({ bootId: 'boot', monotonicMs: 1, wallMs: NOW_MS });

test('a capture whose exit never comes is deleted in two minutes, one that can come later is not', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  await using directory = await temporaryDirectory('captures');
  const raw = path.join(directory.path, 'raw');
  const put = (id: string, agoMs: number) => {
    mkdirSync(path.join(raw, id), { recursive: true });
    utimesSync(path.join(raw, id), NOW_MS / 1_000, (NOW_MS - agoMs) / 1_000);
  };
  put('a00000000000', 2 * 3_600_000);
  put('b00000000000', 60_000);
  put('c00000000000', 60_000);
  const emit = ({ event }: { event: string }) => assert.fail(event);
  const parts = {
    ...{ directory: directory.path, memory: new Memory(null, clock(), emit), emit },
    analyses: { has: () => false } as unknown as Analyses,
  };
  using _ = sweepCaptures(parts, clock, (runId) => runId.startsWith('c'));
  assert.deepEqual(readdirSync(raw).sort(), ['b00000000000', 'c00000000000']);
  put('d00000000000', -1_000);
  context.mock.timers.tick(120_000);
  assert.deepEqual(readdirSync(raw).sort(), ['c00000000000', 'd00000000000']);
});

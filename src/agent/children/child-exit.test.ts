import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeldProcess } from '../../exit-watch/held-process.ts';
import { ChildExit, type ExitSource } from './child-exit.ts';

test('connections are only counted where the process was held until all were', async () => {
  const { pid } = process;
  const counts = [true, false].map(async (isStillHeld) => {
    const held: HeldProcess = {
      ...{ pid, status: { type: 'code', code: 1 }, registers: new Uint8Array() },
      readMemory: () => new Uint8Array(),
      isStillHeld: () => isStillHeld,
    };
    const exits: ExitSource = {
      watch: async (target) => ({
        ...target,
        exited: Promise.resolve({ status: held.status, atMs: 1, monotonicMs: 0 }),
        onHeld: (callback) => callback(held),
        leave: async () => {},
      }),
      reader: () => assert.fail('nothing is read'),
    };
    const child = new ChildExit(
      { process: { role: 'worker', pid, name: 'shop' }, startTicks: 1, startedAtMs: 0, program: null },
      exits,
      () => null,
    );
    assert.equal(await child.watch(), null);
    return (await child.ended())?.connectionsCut;
  });
  assert.deepEqual(await Promise.all(counts), [0, null]);
});

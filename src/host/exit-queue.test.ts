import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ExitQueue, type SettledExit } from './exit-queue.ts';

const stored: SettledExit = { stored: Promise.resolve(true) };
const never: SettledExit = { stored: Promise.resolve(false) };

describe('the exits of a service', () => {
  test('are settled in order and once, whatever fails meanwhile', async () => {
    const problems: string[] = [];
    const settled: string[] = [];
    const queue = new ExitQueue({ onProblem: ({ message }) => problems.push(message), retryMs: [0] });
    let failures = 3;
    const first = queue.add('a', async () => {
      if (failures-- > 0) throw new Error('full');
      settled.push('a');
      return stored;
    });
    const again = queue.add('a', async () => assert.fail('settled twice'));
    const second = queue.add('b', async () => {
      settled.push('b');
      return stored;
    });
    assert.equal(queue.unsettled, 2);
    assert.deepEqual(await Promise.all([first, again, second]), [true, true, true]);
    assert.deepEqual(settled, ['a', 'b']);
    assert.deepEqual(problems, ['full']);
    assert.equal(queue.unsettled, 0);
    assert.equal(await queue.add('a', async () => assert.fail('settled twice')), true);
  });

  test('many that wait for nothing leave the event loop to others', async () => {
    const queue = new ExitQueue({ onProblem: assert.fail });
    let settled = 0;
    const all = Array.from({ length: 20 }, (_, index) =>
      queue.add(`${index}`, async () => {
        settled += 1;
        return stored;
      }),
    );
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(settled < 20, `${settled}`);
    await Promise.all(all);
    assert.equal(settled, 20);
  });

  test('one that is not stored can come again', async () => {
    const queue = new ExitQueue({ onProblem: assert.fail });
    assert.equal(await queue.add('a', async () => never), false);
    assert.equal(queue.has('a'), false);
    assert.equal(await queue.add('a', async () => stored), true);
    assert.equal(queue.has('a'), true);
  });

  test('the end waits for work that an exit adds while it is settled', async () => {
    const queue = new ExitQueue({ onProblem: assert.fail });
    let isDone = false;
    void queue.add('a', async () => {
      void queue.addCount(async () => {
        await new Promise(setImmediate);
        isDone = true;
        return stored;
      });
      return stored;
    });
    await queue.end();
    assert.equal(isDone, true);
  });

  test('while one fails, a bounded number waits; the end releases all', async () => {
    let tried: () => void = () => {};
    const failing = new Promise<void>((resolve) => {
      tried = resolve;
    });
    const queue = new ExitQueue({ onProblem: () => tried() });
    const fails = async (): Promise<SettledExit> => {
      throw new Error('full');
    };
    const first = queue.add('first', fails);
    await failing;
    const all = Array.from({ length: 150 }, (_, index) => queue.add(String(index), fails));
    assert.equal(queue.unsettled, 100);
    assert.equal(await all[149], false);
    await queue.end();
    assert.deepEqual(new Set(await Promise.all([first, ...all])), new Set([false]));
    assert.equal(queue.unsettled, 0);
    assert.equal(await queue.add('late', fails), false);
  });
});

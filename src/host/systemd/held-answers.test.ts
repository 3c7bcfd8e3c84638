import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldAnswers } from './held-answers.ts';

test('a unit is asked about once a minute, and again once systemd has read its units again', async () => {
  const asked: string[] = [];
  let nowMs = 0;
  const answers = new HeldAnswers(
    async (unit) => asked.push(unit),
    () => nowMs,
  );
  assert.equal(await answers.of('a'), 1);
  assert.equal(await answers.of('a'), 1);
  await answers.of('b');
  nowMs = 60_000;
  await answers.of('a');
  answers.clear();
  await answers.of('a');
  assert.deepEqual(asked, ['a', 'b', 'a', 'a']);
});

test('answers of units that are no longer there are not kept for ever', async () => {
  let asked = 0;
  const answers = new HeldAnswers(
    async () => asked++,
    () => 0,
  );
  for (let unit = 0; unit < 2_000; unit++) await answers.of(`run-${unit}`);
  await answers.of('run-1999');
  assert.equal(asked, 2_000);
  await answers.of('run-0');
  assert.equal(asked, 2_001);
});

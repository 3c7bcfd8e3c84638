import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { assertNothingLeft } from '../support/leftovers.ts';
import { rounds } from '../support/rounds.ts';
import { seededRandom } from '../support/seed.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { answer, type Behavior, Receiver, take } from '../support/telemetry/receiver.ts';
import { recordedCrashes, runApp } from './run-app.ts';

const random = seededRandom();

const ROUNDS = rounds(3);

const behaviors: Behavior[] = [
  take,
  take,
  answer(503),
  answer(429, { 'retry-after': '1' }),
  (_, response) => void response.destroy(),
  () => {},
  // Stored, and crashmon never hears of it.
  (request, response) => {
    take(request, response);
    response.socket?.destroy();
  },
];

test('whenever crashmon is killed and whatever the receiver does: in the end every crash has arrived', async () => {
  await using state = await stateDirectory();
  await using receiver = await Receiver.start((request, response) =>
    behaviors[Math.floor(random() * behaviors.length)]?.(request, response),
  );
  const script = "setTimeout(() => { throw new Error('x'); }, 20)";
  const options = ['--restart-delay-max', '10ms', '--cooldown', '0', '--arm-after', '3'];
  for (let round = 0; round < ROUNDS; round++) {
    await using app = runApp(state.path, receiver, { script, options });
    await app.waitForLine('stderr', /pid \d+/);
    if (round === 0) await app.waitForLine('stderr', /crashed/);
    await delay(random() * 800);
    app.kill('SIGKILL');
    await app.exited;
  }
  receiver.behave = take;
  // One more life of crashmon with a worker that stays: what is left of the others is recorded and sent.
  await using app = runApp(state.path, receiver, {
    script: "console.log('ready'); setInterval(() => {}, 1e6)",
  });
  await app.waitForLine('stdout', /ready/);
  const recorded = new Set(recordedCrashes(state.path));
  assert.ok(recorded.size > 0);
  await receiver.until(({ taken }) => {
    const arrived = new Set(taken.map(({ uid }) => uid));
    return [...recorded].every((uid) => arrived.has(uid));
  });
  app.kill('SIGTERM');
  await app.exited;
  const arrived = new Set(receiver.taken.flatMap(({ type, uid }) => (type === 'crash' ? [uid] : [])));
  assert.deepEqual([...arrived].toSorted(), [...new Set(recordedCrashes(state.path))].toSorted());
  // Captures that were left are analyzed one after the other, also when crashmon has ended.
  await assertNothingLeft(state.path);
});

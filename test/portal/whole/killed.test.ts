import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { assertNothingLeft } from '../../support/leftovers.ts';
import { rounds } from '../../support/rounds.ts';
import { seededRandom } from '../../support/seed.ts';
import { stop, until, Whole } from './whole.ts';

const random = seededRandom();

const ROUNDS = rounds(2);

test('portal and agents are killed in the middle of a crash loop: in the end the counts are equal', async () => {
  await using whole = await Whole.create();
  const loop = (instance: string) =>
    whole.startAgent({
      instance,
      options: ['--no-debugger', '--restart-delay-max', '100ms', '--arm-after', '8', '--cooldown', '0'],
      command: [process.execPath, '-e', "setTimeout(() => { throw new RangeError('x'); }, 20)"],
    });
  let portal = await whole.startPortal();
  await whole.putToken();
  let agents = [loop('web-1'), loop('web-2')];
  for (let round = 0; round < ROUNDS; round++) {
    if (round === 0) for (const agent of agents) await agent.waitForLine('stderr', /crashed/);
    await delay(random() * 1_000);
    // By turns, and in the last round both at once.
    if (round % 2 === 0 || round === ROUNDS - 1) {
      portal.program.kill('SIGKILL');
      await portal.program.exited;
      portal = await whole.startPortal();
    }
    if (round % 2 === 1) {
      for (const agent of agents) agent.kill('SIGKILL');
      for (const agent of agents) await agent.exited;
      agents = [loop('web-1'), loop('web-2')];
    }
  }
  // They end as their workers do, which die by themselves or of the signal.
  for (const agent of agents) agent.kill('SIGTERM');
  for (const agent of agents) await agent.exited;
  // One more life of each, with a worker that stays: what is left of the others is recorded and sent.
  const quiet = ['web-1', 'web-2'].map((instance) =>
    whole.startAgent({ instance, options: ['--no-debugger'] }),
  );
  for (const agent of quiet) await agent.waitForLine('stdout', /ready/);
  await until('nothing waits to be sent', () => whole.waiting() === 0);
  for (const agent of quiet) await stop(agent);
  await whole.signIn();
  const recorded = whole.recorded();
  assert.ok(recorded.length > 0);
  assert.deepEqual((await whole.crashes()).map(({ uid }) => uid).toSorted(), recorded);
  const counted = (await whole.instances()).reduce((sum, { crashesTotal }) => sum + crashesTotal, 0);
  assert.equal(counted, recorded.length);
  await stop(portal.program);
  await assertNothingLeft(whole.stateDir);
});

import assert from 'node:assert/strict';
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { SystemdModel } from '../../../test/support/host/systemd-model.ts';
import { rounds } from '../../../test/support/rounds.ts';
import { SEED, seededRandom } from '../../../test/support/seed.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import type { ServiceExit } from '../source.ts';
import { SystemdSource } from './systemd-source.ts';

/** What survives an agent: stored once, by the key of the run. */
type Store = { asked: Map<string, boolean>; missed: number; counted: Set<string>; gone: number };

const NEVER = new Promise<never>(() => {});

/** An agent that follows the source, until it is killed. */
class Agent {
  readonly source: SystemdSource;
  readonly statePath: string;
  readonly #store: Store;
  readonly #storing: { exit: ServiceExit; settle: (isStored: boolean) => void }[] = [];
  readonly #known = new Map<string, Promise<boolean>>();
  #isAlive = true;

  constructor(statePath: string, model: SystemdModel, store: Store) {
    this.statePath = statePath;
    this.#store = store;
    const { connect, readJournal } = model.transport;
    this.source = new SystemdSource({
      statePath,
      transport: {
        connect: (...args) => (this.#isAlive ? connect(...args) : NEVER),
        readJournal: (...args) => (this.#isAlive ? readJournal(...args) : NEVER),
      },
    });
    void this.source.begin({
      started: () => {},
      exited: (exit) => this.#exited(exit),
      missed: async (_, count, id = '') => {
        if (!this.#isAlive) return await NEVER;
        if (!this.#store.counted.has(id)) this.#store.missed += count;
        this.#store.counted.add(id);
        return true;
      },
      gone: () => {
        this.#store.gone += 1;
      },
      problem: () => {},
    });
  }

  /** Reports of one run are one, as in `ExitQueue`. */
  #exited(exit: ServiceExit): Promise<boolean> {
    const { key } = exit.start;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const stored = new Promise<boolean>((settle) => this.#storing.push({ exit, settle }));
    this.#known.set(key, stored);
    void stored.then(() => this.#known.delete(key));
    return stored;
  }

  /** @param isFull the disk is */
  storeOne(isFull: boolean): boolean {
    const next = this.#storing.shift();
    if (next === undefined) return false;
    const { key } = next.exit.start;
    if (!isFull && !this.#store.asked.has(key)) this.#store.asked.set(key, next.exit.asked);
    next.settle(!isFull);
    return true;
  }

  kill(): void {
    this.#isAlive = false;
    this.#storing.length = 0;
  }
}

type Round = {
  /** The journal can lack what happens. */
  isLossy: boolean;
  /** How many of the ends are stops. */
  stops?: number;
};

async function runRound(
  context: TestContext,
  random: () => number,
  path: string,
  { isLossy, stops }: Round,
): Promise<{ model: SystemdModel; store: Store }> {
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const model = new SystemdModel(2, random, stops);
  const store: Store = { asked: new Map(), missed: 0, counted: new Set(), gone: 0 };
  let agents = 0;
  const statePath = (number: number) => `${path}-${number}.json`;
  let agent = new Agent(statePath(0), model, store);
  // It knows where the journal ends.
  for (let waits = 0; waits < 20; waits++) {
    model.drain();
    await turn();
  }
  for (let step = 0; step < 300; step++) {
    if (isLossy && random() < 0.1) model.setDeaf(random() < 0.5);
    const action = random();
    if (action < 0.02) {
      agent.kill();
      model.killAgent();
      const next = statePath(++agents);
      if (existsSync(agent.statePath)) cpSync(agent.statePath, next);
      agent = new Agent(next, model, store);
    } else if (action < 0.04) model.breakBus();
    else if (action < 0.1) {
      model.later();
      context.mock.timers.tick(random() * 70_000);
    } else if (action < 0.25) agent.storeOne(random() < 0.1);
    else model.step();
    if (random() < 0.7) await turn();
  }
  model.setDeaf(false);
  model.calm();
  for (let quiet = 0, turns = 0; quiet < 6; turns++) {
    assert.ok(turns < 10_000, 'it never ends');
    const isBusy = model.drain();
    await turn();
    const isStored = agent.storeOne(false);
    await turn();
    if (isBusy || isStored) quiet = 0;
    else {
      context.mock.timers.tick(70_000);
      quiet += 1;
    }
  }
  context.mock.timers.reset();
  return { model, store };
}

test(`in any order of signals, entries, answers, breaks and kills, each crash is stored once (seed ${SEED})`, async (context) => {
  const random = seededRandom(SEED);
  await using directory = await temporaryDirectory('model');
  for (let round = 0; round < rounds(5); round++) {
    const { model, store } = await runRound(context, random, join(directory.path, String(round)), {
      isLossy: false,
    });
    const stored = (isAsked: boolean) =>
      [...store.asked].filter(([, asked]) => asked === isAsked).map(([key]) => key);
    assert.deepEqual(stored(false).toSorted(), model.crashed.toSorted(), `round ${round}`);
    assert.deepEqual(
      stored(true).filter((key) => !model.stopped.includes(key)),
      [],
      `round ${round}`,
    );
    assert.equal(store.missed, 0, `round ${round}`);
  }
});

/** Runs that ended unseen, and how many of them were counted, of each round. */
async function lossyRounds(
  context: TestContext,
  stops?: number,
): Promise<{ unseen: number; missed: number }> {
  const random = seededRandom(SEED);
  await using directory = await temporaryDirectory('model');
  const all = { unseen: 0, missed: 0 };
  for (let round = 0; round < rounds(10); round++) {
    const path = join(directory.path, String(round));
    const { model, store } = await runRound(context, random, path, {
      isLossy: true,
      ...(stops === undefined ? {} : { stops }),
    });
    const unseen = model.crashed.filter((key) => !store.asked.has(key)).length;
    assert.ok(store.missed <= unseen, `round ${round}: ${store.missed} missed, ${unseen} unseen`);
    all.unseen += unseen;
    all.missed += store.missed;
  }
  return all;
}

test(`where the journal lacks crashes, no more are counted as missed than happened (seed ${SEED})`, async (context) => {
  await lossyRounds(context);
});

test(`where nothing is stopped, nearly all that it lacks are counted (seed ${SEED})`, async (context) => {
  const { unseen, missed } = await lossyRounds(context, 0);
  // An agent that is killed before it has seen its units for the first time counts nothing.
  assert.ok(missed >= 0.85 * unseen, `${missed} missed, ${unseen} unseen`);
});

/** One agent that is not killed. */
async function withAgent(
  context: TestContext,
  use: (model: SystemdModel, store: Store, settle: () => Promise<void>) => Promise<void>,
): Promise<void> {
  await using directory = await temporaryDirectory('model');
  context.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  const model = new SystemdModel(1, () => 0.5);
  const store: Store = { asked: new Map(), missed: 0, counted: new Set(), gone: 0 };
  const agent = new Agent(join(directory.path, 'state.json'), model, store);
  const settle = async () => {
    for (let waits = 0; waits < 60; waits++) {
      model.drain();
      agent.storeOne(false);
      await turn();
    }
  };
  await use(model, store, settle);
  context.mock.timers.reset();
}

test('a crash between an attempt to connect that failed and the next one is in the journal', (context) =>
  withAgent(context, async (model, store, settle) => {
    model.breakBus();
    await settle();
    model.crashAndRestart();
    model.later();
    context.mock.timers.tick(70_000);
    await settle();
    assert.deepEqual([...store.asked.keys()], model.crashed);
  }));

for (const isForgotten of [false, true]) {
  test(`a stop whose signals are lost is learned${isForgotten ? ', also if systemd has forgotten the unit' : ''}`, (context) =>
    withAgent(context, async (model, store, settle) => {
      await settle();
      model.stopUnseen();
      if (isForgotten) model.forget();
      for (let checks = 0; checks < 3; checks++) {
        context.mock.timers.tick(30_000);
        await settle();
      }
      assert.deepEqual([...store.asked], [[model.stopped[0], true]]);
    }));
}

test('what has ended, and neither systemd nor its journal knows how, is followed no more', (context) =>
  withAgent(context, async (model, store, settle) => {
    await settle();
    model.forget();
    for (let checks = 0; checks < 3; checks++) {
      context.mock.timers.tick(30_000);
      await settle();
    }
    assert.equal(store.gone, 1);
    assert.equal(store.asked.size, 0);
  }));

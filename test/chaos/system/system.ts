import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MAIN } from '../../support/crashmon.ts';
import { freePort } from '../../support/free-port.ts';
import { startPostgres, type TestDatabase } from '../../support/portal/database.ts';
import { newToken, type TestPortalPlace, withStore } from '../../support/portal/start-portal.ts';
import { type AppPlan, livesBelow, livesOf } from '../plan/apps.ts';
import type { StoreKind } from '../plan/store-of.ts';
import { AppService } from './app-service.ts';
import { Disk } from './disk.ts';
import { CLOCK_LIBRARY, compilePrograms } from './programs.ts';
import { Relay } from './relay.ts';
import { Service } from './service.ts';
import { Sink } from './sink.ts';
import { WallClock } from './wall-clock.ts';

/** Of the room; see room/guard.sh. */
const ROOM = '/mnt';

/** All that runs: apps, each under its crashmon, and a portal behind a network that can be cut. */
export type System = AsyncDisposable & {
  apps: readonly AppService[];
  portal: Service;
  portalPlace: TestPortalPlace;
  /** null: the portal is on SQLite, whose file is on the disk that gets full. */
  database: TestDatabase | null;
  network: Relay;
  disk: Disk;
  clock: WallClock;
  sink: Sink;
  stateDir: string;
};

export async function startSystem(
  seed: number,
  plans: readonly AppPlan[],
  store: StoreKind,
): Promise<System> {
  await using stack = new AsyncDisposableStack();
  const at = (...names: string[]) => path.join(ROOM, ...names);
  for (const name of ['apps', 'bin', 'portal', 'state/portal']) mkdirSync(at(name), { mode: 0o700 });
  const stateDir = at('state', 'crashmon');
  const languages = new Set(plans.flatMap((plan) => plan.languages));
  const [database] = await Promise.all([
    store === 'PostgreSQL' ? startPostgres() : null,
    compilePrograms(at('bin'), languages),
  ]);
  stack.use(database);
  const portalPlace =
    database === null
      ? { dataDir: at('state', 'portal'), database: null }
      : { dataDir: at('portal'), database: await database.fresh() };
  const clock = new WallClock(at('clock'), at('bin', CLOCK_LIBRARY));
  const env = { PATH: process.env.PATH ?? '', HOME: ROOM, ...clock.env };
  const sink = stack.use(await Sink.start());
  const port = await freePort();
  const portal = new Service('portal', {
    argv: [
      ...[process.execPath, MAIN, 'portal', '--json', '--port', `${port}`, '--data-dir', portalPlace.dataDir],
      ...(portalPlace.database === null ? [] : ['--database', portalPlace.database]),
      ...sink.portalOptions,
    ],
    env,
    output: at('portal', 'output'),
  });
  stack.defer(() => portal.end('SIGKILL'));
  while (!(await isAlive(port))) await delay(100);
  const network = stack.use(await Relay.to(port));
  const apps = [];
  for (const plan of plans) {
    const tokenFile = at(`${plan.name}.token`);
    await withStore(portalPlace, async (store) => writeFileSync(tokenFile, await newToken(store, plan.name)));
    const app = new AppService(plan, livesOf(seed, plan), livesBelow(seed, plan), {
      ...{ stateDir, env, appsDir: at('apps'), bin: at('bin') },
      notifyOptions: sink.agentOptions(plan.name),
      portal: { url: `http://127.0.0.1:${network.port}`, tokenFile },
      cgroup: { directory: process.env.CHAOS_CGROUP ?? '', limitFile: process.env.CHAOS_LIMIT ?? '' },
    });
    stack.defer(() => app.service.end('SIGKILL'));
    apps.push(app);
  }
  const resources = stack.move();
  return {
    ...{ apps, portal, portalPlace, database, network, disk: new Disk(at('state')), clock, sink, stateDir },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function isAlive(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
  await answer?.arrayBuffer();
  return answer?.status === 200;
}

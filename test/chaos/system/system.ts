import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MAIN } from '../../support/crashmon.ts';
import { freePort } from '../../support/free-port.ts';
import { startPostgres, type TestDatabase } from '../../support/portal/database.ts';
import { newToken, type TestPortalPlace, withStore } from '../../support/portal/start-portal.ts';
import { type AppPlan, livesBelow, livesOf } from '../plan/apps.ts';
import type { StoreKind } from '../plan/store-of.ts';
import { startAgent } from './agent-service.ts';
import { AppService } from './app-service.ts';
import { Disk } from './disk.ts';
import { CLOCK_LIBRARY, compilePrograms } from './programs.ts';
import { Relay } from './relay.ts';
import { Service } from './service.ts';
import { Sink } from './sink.ts';
import { WallClock } from './wall-clock.ts';

/** Of the room; see room/guard.sh. */
const ROOM = '/mnt';

/** All that runs: apps, each with its crashmon, and a portal behind a network that can be cut. */
export type System = AsyncDisposable & {
  apps: readonly AppService[];
  /** Watches some of them. */
  agent: Service;
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
  const tokenFileOf = (app: string) => at(`${app}.token`);
  for (const { name } of plans)
    await withStore(portalPlace, async (store) =>
      writeFileSync(tokenFileOf(name), await newToken(store, name)),
    );
  const portalUrl = `http://127.0.0.1:${network.port}`;
  const place = { stateDir, env, appsDir: at('apps'), bin: at('bin') };
  const watched = plans.filter((plan) => plan.watched);
  const agent = startAgent(watched, { ...place, portalUrl, tokenFileOf });
  stack.defer(() => agent.end('SIGKILL'));
  const apps = plans.map((plan) => {
    const own = {
      ...place,
      notifyOptions: sink.agentOptions(plan.name),
      portal: { url: portalUrl, tokenFile: tokenFileOf(plan.name) },
      cgroup: { directory: process.env.CHAOS_CGROUP ?? '', limitFile: process.env.CHAOS_LIMIT ?? '' },
    };
    const lives = [livesOf(seed, plan), livesBelow(seed, plan)] as const;
    return stack.use(new AppService(plan, ...lives, own, plan.watched ? agent : null));
  });
  const resources = stack.move();
  return {
    ...{
      apps,
      agent,
      portal,
      portalPlace,
      database,
      network,
      disk: new Disk(at('state')),
      clock,
      sink,
      stateDir,
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function isAlive(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
  await answer?.arrayBuffer();
  return answer?.status === 200;
}

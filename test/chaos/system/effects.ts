import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, Role } from '../plan/faults.ts';
import type { AppService } from './app-service.ts';
import { takeMemory } from './memory-hog.ts';
import { type Process, processes, signalTo, withDescendants } from './processes.ts';
import type { System } from './system.ts';
import { uptimeS } from './uptime.ts';

/** What was done, for the judge. */
export type Deed = {
  what: 'stop-asked' | 'worker-signaled' | 'helper-killed' | 'disk-trouble';
  /** The name of a crashmon, or that of the app whose worker it was; null: to all of them. */
  to: string | null;
  pid: number | null;
  fromS: number;
  toS: number;
};

/** Of these a second one begins when the first one was taken back: PostgreSQL ends once, and a file system is frozen once. */
const IN_TURNS: readonly Fault['kind'][] = ['database-away', 'disk-full', 'disk-slow'];

/** Inflicts faults, of which several can last at a time. */
export class Inflictor {
  readonly #system: System;
  readonly #before = new Map<Fault['kind'], Promise<unknown>>();

  constructor(system: System) {
    this.#system = system;
  }

  /** Carries out a fault and takes it back. @returns the deeds; none where there was no such process */
  inflict(fault: Fault): Promise<Deed[]> {
    if (!IN_TURNS.includes(fault.kind)) return inflict(this.#system, fault);
    const before = this.#before.get(fault.kind) ?? Promise.resolve();
    const done = before.then(() => inflict(this.#system, fault));
    this.#before.set(fault.kind, done);
    return done;
  }
}

async function inflict(system: System, fault: Fault): Promise<Deed[]> {
  const { portal, database, network, disk, clock } = system;
  switch (fault.kind) {
    case 'kill':
      return struck(system, fault.role, fault.pick, 'SIGKILL');
    case 'stop': {
      const victim = choose(victims(system, fault.role), fault.pick);
      if (victim === null || !signalTo(victim, 'SIGSTOP')) return [];
      await delay(fault.forMs);
      signalTo(victim, 'SIGCONT');
      return [];
    }
    case 'signal-worker': {
      const app = chooseApp(system, fault.pick);
      const pid = app.newestWorker();
      if (pid === null || !isWorker(pid) || !signalTo(pid, fault.signal)) return [];
      return [deed('worker-signaled', app.plan.name, pid)];
    }
    case 'end-crashmon':
      return struck(system, 'crashmon', fault.pick, 'SIGTERM');
    case 'portal-away':
      await portal.pause('SIGTERM');
      await delay(fault.forMs);
      portal.resume();
      return [];
    case 'database-away':
      if (database === null) return [];
      await database.kill();
      await delay(fault.forMs);
      await database.start();
      return [];
    case 'network-cut':
      network.cut(fault.how);
      await delay(fault.forMs);
      network.mend();
      return [];
    case 'memory-full': {
      const cgroups = system.apps.flatMap(({ cgroup }) => cgroup ?? []);
      const cgroup = cgroups[Math.floor((fault.pick / 1_000) * cgroups.length)];
      if (cgroup !== undefined) await takeMemory(cgroup, fault.forMs);
      return [];
    }
    case 'clock-jump':
      clock.jump(fault.byMs);
      return [];
    case 'disk-full': {
      const fromS = uptimeS();
      await disk.fill();
      await delay(fault.forMs);
      await disk.free();
      return [{ what: 'disk-trouble', to: null, pid: null, fromS, toS: uptimeS() }];
    }
    case 'disk-slow': {
      const fromS = uptimeS();
      await disk.beSlow(fault.forMs);
      return [{ what: 'disk-trouble', to: null, pid: null, fromS, toS: uptimeS() }];
    }
  }
}

function struck(system: System, role: Role, pick: number, signal: NodeJS.Signals): Deed[] {
  if (role !== 'crashmon') {
    const victim = choose(victims(system, role), pick);
    if (victim === null || !signalTo(victim, signal)) return [];
    return role === 'helper' ? [deed('helper-killed', null, victim)] : [];
  }
  const services = [...new Set(system.apps.map((app) => app.service))];
  const service = services[Math.floor((pick / 1_000) * services.length)];
  if (service === undefined || service.pid === null || !signalTo(service.pid, signal)) return [];
  // That a crashmon was killed, its supervisor sees.
  return signal === 'SIGKILL' ? [] : [deed('stop-asked', service.name, service.pid)];
}

function deed(what: Deed['what'], to: string | null, pid: number): Deed {
  const atS = uptimeS();
  return { what, to, pid, fromS: atS, toS: atS };
}

function victims(system: System, role: Role): number[] {
  const all = processes();
  const own = all.filter(
    ({ command }) => command.startsWith('/usr/lib/postgresql') || /^postgres: /.test(command),
  );
  switch (role) {
    case 'crashmon':
      return [...new Set(system.apps.flatMap(({ service }) => service.pid ?? []))];
    case 'portal':
      return system.portal.pid === null ? [] : [system.portal.pid];
    case 'database':
      // The first process of all would not be started again.
      return own.filter(({ command }) => command.startsWith('postgres: ')).map(({ pid }) => pid);
    case 'helper':
      return helpers(system, all, own);
  }
}

/** What crashmon and the portal started besides workers: analyses, keepers, notifiers, debuggers, exit watches. */
function helpers(system: System, all: readonly Process[], database: readonly Process[]): number[] {
  const below = system.apps.flatMap((app) => app.noted('below-starts').map(([pid]) => Number(pid)));
  const workers = [...system.apps.flatMap((app) => app.newestWorker() ?? []), ...below];
  // Before it has noted its start, too.
  const own = system.apps.flatMap((app) => app.workers?.pid ?? []);
  const others = withDescendants(all, [...workers, ...own, ...database.map(({ pid }) => pid)]);
  const main = new Set([1, process.pid, process.ppid, system.portal.pid]);
  for (const { service } of system.apps) main.add(service.pid);
  return all.filter(({ pid }) => !others.has(pid) && !main.has(pid)).map(({ pid }) => pid);
}

function isWorker(pid: number): boolean {
  return processes().some((one) => one.pid === pid);
}

function choose(among: readonly number[], pick: number): number | null {
  return among[Math.floor((pick / 1_000) * among.length)] ?? null;
}

function chooseApp({ apps }: System, pick: number): AppService {
  const app = apps[Math.floor((pick / 1_000) * apps.length)];
  if (app === undefined) throw new Error('there is no app');
  return app;
}

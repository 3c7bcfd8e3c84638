import type { Emit } from '../agent/agent-event.ts';
import { systemClock } from '../agent/clock.ts';
import { hasSlotOf } from '../journal/slot.ts';
import { readProcessStat } from '../worker/process-info.ts';
import { HostExits } from './capture/host-exits.ts';
import { EngineSource } from './containers/engine-source.ts';
import { decisionText } from './discover/decision-text.ts';
import { Discovery } from './discover/discovery.ts';
import { readServiceFacts } from './discover/service-facts.ts';
import { HostAgent } from './host-agent.ts';
import type { HostSettings } from './host-settings.ts';
import { hostStatePath, type ServiceStatus, writeHostStatus } from './host-status.ts';
import { HostedApp } from './hosted-app.ts';
import { Pm2Source } from './pm2/pm2-source.ts';
import { ProcessSource } from './processes/process-source.ts';
import type { HostSource, Service } from './source.ts';
import { stderrTarget } from './stderr-target.ts';
import { SystemdSource } from './systemd/systemd-source.ts';
import { Turnstile } from './turnstile.ts';

export type HostAgentOptions = {
  settings: HostSettings;
  /** The settings that it names must have a directory for the state. */
  stateDir: string;
  uid: number;
  /** `app` is null for what concerns the whole host. */
  emit: (event: Parameters<Emit>[0], app: string | null) => void;
};

/** The agent of a host while it runs. */
export type RunningHostAgent = {
  /** Applies changed settings. */
  use(settings: HostSettings): void;
  /** The services go on. */
  end(): Promise<void>;
};

/** Reports of all apps: each takes a processor for some 100 ms, and 60 MB. */
const ANALYSES_AT_ONCE = 1;
const STATUS_AFTER_MS = 1_000;

/** Watches the services of this host. Returns once all that runs now is followed. */
export async function runHostAgent(options: HostAgentOptions): Promise<RunningHostAgent> {
  const { settings, stateDir, uid, emit } = options;
  const apps = new Map<string, HostedApp>();
  const onProblem = (message: string) => emit({ event: 'problem', message }, null);
  const exits = new HostExits(onProblem);
  const turnstile = new Turnstile(ANALYSES_AT_ONCE);
  const context = { stateDir, uid, clock: systemClock(), turnstile, exits };
  let timer: NodeJS.Timeout | null = null;
  const saveLater = () => {
    timer ??= setTimeout(() => {
      timer = null;
      save();
    }, STATUS_AFTER_MS).unref();
  };
  const discovery = new Discovery({
    ...{ settings, onProblem, facts: readServiceFacts, onDecision: saveLater },
    wasWatched: (app) => hasSlotOf(stateDir, app),
    follow(service, app) {
      const toApp: Emit = (event) => {
        emit(event, app.app);
        saveLater();
      };
      const hosted = new HostedApp(service, app, { ...context, emit: toApp });
      apps.set(service.id, hosted);
      return hosted;
    },
  });
  const save = () => {
    const services = discovery.decisions().map(({ service, decision }) => {
      return toStatus(service, decision.isWatched, decisionText(decision), apps.get(service.id) ?? null);
    });
    try {
      const startTicks = readProcessStat(process.pid)?.startTicks ?? 0;
      writeHostStatus(stateDir, { pid: process.pid, startTicks, services });
    } catch (error) {
      onProblem(`The state of services cannot be stored: ${(error as Error).message}.`);
    }
  };
  let current = settings;
  const sources: HostSource[] = [
    new SystemdSource({ statePath: hostStatePath(stateDir, 'systemd.json') }),
    new EngineSource({ kind: 'docker', socketPath: '/run/docker.sock' }),
    new EngineSource({ kind: 'podman', socketPath: '/run/podman/podman.sock' }),
    new Pm2Source({ statePath: hostStatePath(stateDir, 'pm2.json') }),
    new ProcessSource({ rules: () => current.discovery.watch, exits }),
  ];
  const agent = new HostAgent({
    ...{ sources, onProblem },
    follow: (service) => discovery.follow(service),
  });
  await agent.begin();
  save();
  const sayWatching = () => {
    const decisions = discovery.decisions();
    const count = decisions.filter(({ decision }) => decision.isWatched).length;
    emit({ event: 'watching', count, all: decisions.length }, null);
  };
  sayWatching();
  return {
    use(changed) {
      current = changed;
      discovery.use(changed);
      sayWatching();
    },
    async end() {
      await agent.end();
      await exits.end();
      if (timer !== null) clearTimeout(timer);
    },
  };
}

function toStatus(
  { id, name, source, attributes }: Service,
  isWatched: boolean,
  why: string,
  app: HostedApp | null,
): ServiceStatus {
  const current = app?.current ?? null;
  return {
    ...{ id, name, source, unit: attributes['systemd.unit'] ?? null, isWatched, why },
    running:
      current === null || !isWatched
        ? null
        : {
            ...{ pid: current.start.pid, startedAtMs: current.start.startedAtMs },
            ...{ runtime: current.watch.runtime, isArmed: app?.isArmed ?? false },
            stderr: stderrTarget(current.start.pid),
          },
  };
}

import type { Emit } from '../agent/agent-event.ts';
import { systemClock } from '../agent/clock.ts';
import { DebuggerPool } from '../agent/native/debugger-pool.ts';
import { toPathSegment } from '../journal/path-segment.ts';
import { retireSlots } from '../journal/retire-slots.ts';
import { readProcessStat } from '../worker/process-info.ts';
import { loadAddon } from './addon.ts';
import { HostExits } from './capture/host-exits.ts';
import { collectAfterExits } from './collect-after-exits.ts';
import { CgroupSource, isReported } from './containers/cgroup-source.ts';
import { EngineSource } from './containers/engine-source.ts';
import { appNameOf } from './discover/decide.ts';
import { decisionText } from './discover/decision-text.ts';
import { Discovery } from './discover/discovery.ts';
import { TcpListeners } from './discover/listens-on-tcp.ts';
import { readServiceFacts } from './discover/service-facts.ts';
import { WatchHistory } from './discover/watch-history.ts';
import { HostAgent } from './host-agent.ts';
import type { HostSettings } from './host-settings.ts';
import { hostStatePath, type ServiceStatus, writeHostStatus } from './host-status.ts';
import { HostedApp } from './hosted-app.ts';
import { HostTcp } from './impact/host-tcp.ts';
import type { KubernetesPlace } from './kubernetes/kubernetes-place.ts';
import { KubernetesSource } from './kubernetes/kubernetes-source.ts';
import { Leftovers } from './leftovers.ts';
import { lockSmall } from './lock-small.ts';
import { openRequests, watchOpenRequests } from './open-requests.ts';
import { Pm2Source } from './pm2/pm2-source.ts';
import { HostProbes } from './probe/host-probes.ts';
import { NewProcesses } from './processes/new-processes.ts';
import { ProcessSource } from './processes/process-source.ts';
import type { HostSource, Service } from './source.ts';
import { SystemdSource } from './systemd/systemd-source.ts';
import { Turnstile } from './turnstile.ts';
import { UserUnitsSource } from './user-units/user-units-source.ts';

export type HostAgentOptions = {
  settings: HostSettings;
  /** The settings that it names must have a directory for the state. */
  stateDir: string;
  uid: number;
  /** null outside of a cluster. */
  kubernetes: KubernetesPlace | null;
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
/** What only the start needs is not used any more. */
const STARTED_MS = 30_000;
const RETIRE_EVERY_MS = 10 * 60_000;

/** Watches the services of this host. Returns once all that runs now is followed. */
export async function runHostAgent(options: HostAgentOptions): Promise<RunningHostAgent> {
  const { settings, stateDir, uid, emit, kubernetes } = options;
  // Before anything is started that a state directory that cannot be used would leave running.
  openRequests(stateDir);
  const apps = new Map<string, HostedApp>();
  const onProblem = (message: string) => emit({ event: 'problem', message }, null);
  const exits = new HostExits(onProblem);
  const debuggers = new DebuggerPool(onProblem);
  const started = new NewProcesses();
  const listeners = new TcpListeners();
  const { releaseMemory } = loadAddon();
  const exited = collectAfterExits({ collect: globalThis.gc, release: releaseMemory });
  const turnstile = new Turnstile(ANALYSES_AT_ONCE);
  const systemd = new SystemdSource({ statePath: hostStatePath(stateDir, 'systemd.json') });
  // Only root can give systemd a drop-in.
  const probes = uid === 0 ? new HostProbes({ reload: () => systemd.reload(), onProblem }) : null;
  const context = {
    stateDir,
    uid,
    clock: systemClock(),
    turnstile,
    exits,
    started,
    debuggers,
    probes,
    tcp: new HostTcp(),
  };
  let current = settings;
  let timer: NodeJS.Timeout | null = null;
  const saveLater = () => {
    timer ??= setTimeout(() => {
      timer = null;
      save();
    }, STATUS_AFTER_MS).unref();
  };
  const discovery = new Discovery({
    ...{ settings, onProblem, facts: (start) => readServiceFacts(start, listeners), onDecision: saveLater },
    history: new WatchHistory(stateDir),
    follow(service, app) {
      const toApp: Emit = (event) => {
        if (event.event === 'ended' || event.event === 'child-ended') exited();
        emit(event, app.app);
        saveLater();
      };
      const onEnd = (left: string | null) => {
        apps.delete(service.id);
        if (left !== null) leftovers.add(left);
      };
      const hosted = new HostedApp(service, app, { ...context, emit: toApp, onStatus: saveLater, onEnd });
      apps.set(service.id, hosted);
      return hosted;
    },
  });
  const save = () => {
    const services = discovery.decisions().map(({ service, decision }) => {
      const { app } = current.ofApp(appNameOf(service, current.discovery.watch));
      return toStatus(service, decision.isWatched, decisionText(decision), app, apps.get(service.id) ?? null);
    });
    try {
      const startTicks = readProcessStat(process.pid)?.startTicks ?? 0;
      writeHostStatus(stateDir, { pid: process.pid, startTicks, services });
    } catch (error) {
      onProblem(`The state of services cannot be stored: ${(error as Error).message}.`);
    }
  };
  const processes = new ProcessSource({ rules: () => current.discovery.watch, exits, started });
  const sources: HostSource[] = [
    systemd,
    new UserUnitsSource({ statePath: hostStatePath(stateDir, 'systemd-user.json'), uid }),
    new EngineSource({ kind: 'docker', socketPath: '/run/docker.sock' }),
    new EngineSource({ kind: 'podman', socketPath: '/run/podman/podman.sock' }),
    new Pm2Source({ statePath: hostStatePath(stateDir, 'pm2.json') }),
    processes,
    new CgroupSource({
      ...{ exits, started },
      isReported: (found) => isReported(found) || (kubernetes !== null && found.cgroup.podUid !== null),
    }),
    ...(kubernetes === null ? [] : [new KubernetesSource({ place: kubernetes })]),
  ];
  const agent = new HostAgent({
    ...{ sources, onProblem },
    follow: (service) => discovery.follow(service),
  });
  const leftovers = new Leftovers({
    ...{ stateDir, emit, clock: context.clock },
    settingsOf: (app) => current.ofApp(app),
    whileGone: (id, work) => agent.whileGone(id, work),
  });
  await agent.begin();
  leftovers.begin();
  if (releaseMemory !== undefined) setTimeout(releaseMemory, STARTED_MS).unref();
  save();
  const retiring = setInterval(
    () => retireSlots(stateDir, context.clock(), lockSmall),
    RETIRE_EVERY_MS,
  ).unref();
  const requests = watchOpenRequests(stateDir, async (segment) => {
    const asked = [...apps.values()].filter(({ name }) => toPathSegment(name) === segment);
    await Promise.all(asked.map((app) => app.open()));
  });
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
      processes.scan();
      sayWatching();
    },
    async end() {
      requests[Symbol.dispose]();
      clearInterval(retiring);
      await probes?.end();
      await leftovers.end();
      await agent.end();
      await Promise.all([exits.end(), debuggers.end()]);
      if (timer !== null) clearTimeout(timer);
    },
  };
}

function toStatus(
  { id, name, source, attributes }: Service,
  isWatched: boolean,
  why: string,
  appName: string,
  app: HostedApp | null,
): ServiceStatus {
  const unit = attributes['systemd.unit'] ?? null;
  const running = isWatched ? (app?.running ?? null) : null;
  return { ...{ id, name, app: appName, source, unit, isWatched, why }, running };
}

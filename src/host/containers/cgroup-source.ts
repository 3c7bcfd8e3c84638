import { existsSync, readFileSync } from 'node:fs';
import { systemClock } from '../../agent/clock.ts';
import { containerAttributes } from '../../formats/procfs/container-cgroup.ts';
import { parseSystemdUnit } from '../../formats/procfs/systemd-unit.ts';
import { readProcessStat } from '../../worker/process-info.ts';
import type { HostExits } from '../capture/host-exits.ts';
import type { NewProcesses } from '../processes/new-processes.ts';
import { StderrFile } from '../processes/stderr-file.ts';
import { watchExit } from '../processes/watch-exit.ts';
import type { HostSource, Service, ServiceStart, SourceListener } from '../source.ts';
import { startedAtMs } from '../started-at.ts';
import { containerNames, NAME_PLACES, type NamePlaces } from './container-names.ts';
import { ContainerProcesses, type FoundContainer } from './container-processes.ts';

export type CgroupSourceOptions = {
  exits: Pick<HostExits, 'watch'> | null;
  /** Is this container reported by its engine or by the cluster? */
  isReported: (container: FoundContainer) => boolean;
  processes?: Pick<ContainerProcesses, 'find'>;
  names?: NamePlaces;
  started: NewProcesses;
};

const SCAN_AFTER_EXIT_MS = 100;
/** Each is watched at its exit. */
const MAX_CONTAINERS = 200;

/** By its engine, which is asked where it has a socket, or by systemd, of which a unit runs it. */
export function isReported({ cgroup, pid }: FoundContainer): boolean {
  if (cgroup.runtime === 'podman') return existsSync('/run/podman/podman.sock') || isOfUnit(pid);
  // A pod of Docker's engine is a container of Docker.
  return cgroup.runtime === 'docker' && existsSync('/run/docker.sock');
}

/** Containers without an API of an engine: found by the cgroups of their processes, and followed by process ID. */
export class CgroupSource implements HostSource {
  readonly kind = 'container';
  readonly #options: CgroupSourceOptions;
  readonly #processes: Pick<ContainerProcesses, 'find'>;
  readonly #bootId = systemClock()().bootId;
  /** By the container's ID. */
  readonly #running = new Map<string, Service>();
  #listener: SourceListener | null = null;
  #timer: NodeJS.Timeout | undefined;
  #started: Disposable | null = null;

  constructor(options: CgroupSourceOptions) {
    this.#options = options;
    this.#processes = options.processes ?? new ContainerProcesses();
  }

  async begin(listener: SourceListener): Promise<void> {
    this.#listener = listener;
    this.#started = this.#options.started.on(({ pids }) => this.#scan(pids));
    this.#scan();
  }

  async end(): Promise<void> {
    this.#listener = null;
    this.#started?.[Symbol.dispose]();
    clearTimeout(this.#timer);
  }

  #scanSoon(): void {
    clearTimeout(this.#timer);
    if (this.#listener !== null) this.#timer = setTimeout(() => this.#scan(), SCAN_AFTER_EXIT_MS).unref();
  }

  #scan(pids?: readonly number[]): void {
    for (const [id, found] of this.#processes.find(pids)) {
      if (this.#running.has(id) || this.#running.size >= MAX_CONTAINERS) continue;
      if (this.#options.isReported(found)) continue;
      void this.#follow(found).catch((error: Error) => this.#listener?.problem(error.message));
    }
  }

  async #follow(found: FoundContainer): Promise<void> {
    const { pid, startTicks, cgroup } = found;
    const service = this.#serviceOf(found);
    this.#running.set(cgroup.id, service);
    using stderr = StderrFile.of(pid);
    const key = `container/${this.#bootId}/${pid}/${startTicks}`;
    const { ended } = await watchExit(this.#options.exits, { pid, startTicks }, () => {});
    // By the clock as it is set when it is reported.
    const start: ServiceStart = {
      ...{ service, key, pid, startTicks, startedAtMs: startedAtMs(startTicks) },
      // It is not known whether it is started again.
      keepsRoot: true,
      wordsOf: async (_worker, endedAtMs) => stderr?.takeWords(endedAtMs) ?? null,
    };
    this.#listener?.started(start);
    const { status, atMs } = await ended;
    this.#running.delete(cgroup.id);
    this.#scanSoon();
    const endedAtMs = atMs();
    const isStored = await this.#listener?.exited({
      ...{ start, status, endedAtMs, asked: false, because: null },
      lastWords: async () => stderr?.lastWords(endedAtMs) ?? null,
    });
    if (isStored === false) this.#listener?.missed(service, 1);
  }

  /** By its name, which stays when it is made again; of a pod by what stays of its name. */
  #serviceOf({ cgroup }: FoundContainer): Service {
    const { name, image, pod } = containerNames(cgroup.id, this.#options.names ?? NAME_PLACES);
    const app = pod === undefined ? (name ?? cgroup.id.slice(0, 12)) : `${pod.namespace}-${pod.container}`;
    const taken = new Set([...this.#running.values()].map(({ id }) => id));
    const idOf = (replica: number) => (replica === 1 ? `container:${app}` : `container:${app}:${replica}`);
    let replica = 1;
    while (taken.has(idOf(replica))) replica++;
    return {
      ...{ id: idOf(replica), source: 'container', name: app },
      replica: replica === 1 ? null : String(replica),
      attributes: {
        ...containerAttributes(cgroup),
        ...(name === undefined ? {} : { 'container.name': name }),
        ...(image === undefined ? {} : { 'container.image.name': image }),
        ...(pod === undefined
          ? {}
          : {
              'k8s.pod.name': pod.name,
              'k8s.namespace.name': pod.namespace,
              'k8s.container.name': pod.container,
            }),
      },
    };
  }
}

/** Podman's monitor of a container is in the unit that started it. */
function isOfUnit(pid: number): boolean {
  const monitor = readProcessStat(pid)?.ppid;
  try {
    const unit = parseSystemdUnit(readFileSync(`/proc/${monitor}/cgroup`, 'utf8'))?.name ?? '';
    return unit.endsWith('.service') && unit !== 'podman.service';
  } catch {
    return false;
  }
}

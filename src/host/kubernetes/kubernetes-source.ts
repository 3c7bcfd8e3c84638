import { ContainerProcesses, type FoundContainer } from '../containers/container-processes.ts';
import type { HostSource, ServiceStart, SourceListener } from '../source.ts';
import { KubernetesApi } from './kubernetes-api.ts';
import type { KubernetesPlace } from './kubernetes-place.ts';
import { type Pod, type PodContainer, readPod, type Terminated } from './pod.ts';
import { PodServices } from './pod-services.ts';
import { previousLog } from './previous-log.ts';
import { watchPods } from './watch-pods.ts';

export type KubernetesOptions = {
  place: KubernetesPlace;
  processes?: Pick<ContainerProcesses, 'find'>;
  reconnectMs?: readonly number[];
};

/** One container of a pod. */
type Followed = {
  /** Runs that have ended, reported or not. */
  ends: number;
  /** By the container's ID; null if none runs. */
  running: { id: string; start: ServiceStart } | null;
  /** Ends that were reported. */
  reported: Set<string>;
};

/** Containers of the pods of this node, by the API server. */
export class KubernetesSource implements HostSource {
  readonly kind = 'kubernetes';
  readonly #place: KubernetesPlace;
  readonly #api: KubernetesApi;
  readonly #processes: Pick<ContainerProcesses, 'find'>;
  readonly #reconnectMs: readonly number[] | undefined;
  readonly #services = new PodServices();
  /** By pod and container. */
  readonly #followed = new Map<string, Followed>();
  readonly #pods = new Map<string, Pod>();
  readonly #end = new AbortController();
  #order: Promise<void> = Promise.resolve();
  #listener: SourceListener | null = null;

  constructor({ place, processes = new ContainerProcesses(), reconnectMs }: KubernetesOptions) {
    this.#place = place;
    this.#api = new KubernetesApi(place);
    this.#processes = processes;
    this.#reconnectMs = reconnectMs;
  }

  /** Returns once the pods were listed, or that failed: it is tried again. */
  async begin(listener: SourceListener): Promise<void> {
    this.#listener = listener;
    const begun = Promise.withResolvers<void>();
    const pods = {
      listed: (values: readonly unknown[]) => {
        this.#listed(values);
        begun.resolve(this.#order);
      },
      changed: (value: unknown) => this.#changed(readPod(value)),
      deleted: (value: unknown) => this.#gone(readPod(value)),
      refused: (status: number) => {
        this.#refused(status);
        begun.resolve();
      },
    };
    void watchPods(this.#api, this.#place.node, pods, this.#end.signal, this.#reconnectMs);
    const limit = setTimeout(() => begun.resolve(), 5_000).unref();
    await begun.promise;
    clearTimeout(limit);
  }

  async end(): Promise<void> {
    this.#listener = null;
    this.#end.abort();
    await this.#order;
  }

  #refused(status: number): void {
    this.#listener?.problem(
      `Pods are not watched: the API server answers ${status}. Install the chart deploy/helm/crashmon, which has the roles.`,
    );
  }

  #listed(values: readonly unknown[]): void {
    const pods = values.map(readPod).filter((pod) => pod !== null);
    const uids = new Set(pods.map(({ uid }) => uid));
    for (const pod of this.#pods.values()) if (!uids.has(pod.uid)) this.#gone(pod);
    for (const pod of pods) this.#changed(pod);
  }

  #changed(pod: Pod | null): void {
    if (pod === null || (pod.node !== '' && pod.node !== this.#place.node)) return;
    this.#pods.set(pod.uid, pod);
    this.#queue(async () => {
      let found: Map<string, FoundContainer> | null = null;
      for (const container of pod.containers) {
        await this.#apply(pod, container, (id) => {
          found ??= this.#processes.find();
          return found.get(id) ?? null;
        });
      }
    });
  }

  async #apply(pod: Pod, container: PodContainer, processOf: (id: string) => FoundContainer | null) {
    const key = `${pod.uid}/${container.name}`;
    const known = this.#followed.get(key);
    const followed = known ?? { ends: 0, running: null, reported: new Set<string>() };
    this.#followed.set(key, followed);
    const { running, ended, restarts } = container;
    const news = ended.filter(({ id }) => !followed.reported.has(id));
    for (const one of news) {
      followed.reported.add(one.id);
      // The run before the current one, unless it is the current one.
      const before = one === ended.at(-1) && running === null ? restarts : Math.max(0, restarts - 1);
      await this.#ended(pod, container, followed, one, before);
    }
    // The kubelet remembers one run of each container.
    const ends = restarts + (running === null && ended.length > 0 ? 1 : 0);
    const unseen = ends - followed.ends - news.length;
    if (known !== undefined && unseen > 0) this.#listener?.missed(this.#services.of(pod, container), unseen);
    followed.ends = ends;
    if (running === null || followed.running?.id === running.id || followed.reported.has(running.id)) return;
    const process = processOf(running.id);
    const start = this.#startOf(pod, container, { ...running, process });
    followed.running = { id: running.id, start };
    this.#listener?.started(start);
  }

  async #ended(
    pod: Pod,
    container: PodContainer,
    followed: Followed,
    { id, exitCode, isOomKilled, startedAtMs, finishedAtMs }: Terminated,
    restarts: number,
  ): Promise<void> {
    const start =
      followed.running?.id === id
        ? followed.running.start
        : this.#startOf(pod, container, { id, startedAtMs, process: null });
    if (followed.running?.id === id) followed.running = null;
    const { logDirectory } = this.#place;
    const place = { logDirectory, pod, container: container.name };
    const isStored = await this.#listener?.exited({
      start,
      status: exitCode === null ? { type: 'unknown' } : { type: 'code', code: exitCode },
      endedAtMs: finishedAtMs,
      asked: pod.isDeleted && !isOomKilled,
      because: isOomKilled ? 'oom-kill' : null,
      lastWords: () => previousLog(this.#api, place, restarts, finishedAtMs),
    });
    if (isStored === false) this.#listener?.missed(start.service, 1);
  }

  #startOf(
    pod: Pod,
    container: PodContainer,
    run: { id: string; startedAtMs: number; process: FoundContainer | null },
  ): ServiceStart {
    const service = this.#services.of(pod, container);
    return {
      service: { ...service, attributes: { ...service.attributes, 'container.id': run.id } },
      key: `kubernetes/${run.id}`,
      pid: run.process?.pid ?? 0,
      startTicks: run.process?.startTicks ?? null,
      startedAtMs: run.startedAtMs,
      restarts: container.restarts,
    };
  }

  /** Deleted, with its containers: their ends were reported before, or were requested. */
  #gone(pod: Pod | null): void {
    if (pod === null) return;
    this.#pods.delete(pod.uid);
    this.#queue(async () => {
      for (const container of pod.containers) {
        this.#followed.delete(`${pod.uid}/${container.name}`);
        const service = this.#services.release(pod, container);
        if (service !== null) this.#listener?.gone(service);
      }
    });
  }

  #queue(work: () => Promise<void>): void {
    this.#order = this.#order.then(work).catch((error: Error) => this.#listener?.problem(error.message));
  }
}

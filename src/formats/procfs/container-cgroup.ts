/** The container that a process is in, as its engine names the cgroup. */
export type ContainerCgroup = {
  runtime: 'docker' | 'containerd' | 'cri-o' | 'podman' | null;
  id: string;
  /** Of Kubernetes; null outside of a pod. */
  podUid: string | null;
};

const RUNTIMES = new Map([
  ['docker', 'docker'],
  ['cri-containerd', 'containerd'],
  ['crio', 'cri-o'],
  ['libpod', 'podman'],
] as const);
type Prefix = Parameters<typeof RUNTIMES.get>[0];

/** By systemd `docker-ID.scope`; by cgroupfs `/docker/ID`, or in a pod only `ID`. */
const NAME = /(?:^|[/:])(?:(docker|cri-containerd|crio|libpod)[-/:])?([0-9a-f]{64})(?:\.scope)?$/;
const POD = /(?:^|[/-])pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})(?:\.slice)?(?:\/|$)/;

/**
 * Of `/proc/<pid>/cgroup` (cgroups(7)); null outside of a container. The innermost counts: an engine can run in a container.
 */
export function parseContainerCgroup(text: string): ContainerCgroup | null {
  for (const line of text.split('\n')) {
    const path = /^\d+:[^:]*:(\/.*)$/.exec(line)?.[1];
    const parts = path?.split('/') ?? [];
    for (let length = parts.length; length > 1; length--) {
      const [, prefix, id] = NAME.exec(parts.slice(0, length).join('/')) ?? [];
      if (id === undefined) continue;
      const podUid = POD.exec(path ?? '')?.[1]?.replaceAll('_', '-') ?? null;
      return { runtime: RUNTIMES.get(prefix as Prefix) ?? null, id, podUid };
    }
  }
  return null;
}

/** Resource attributes of OpenTelemetry. */
export function containerAttributes(container: ContainerCgroup | null): Record<string, string> {
  if (container === null) return {};
  const { runtime, id, podUid } = container;
  return {
    'container.id': id,
    ...(runtime === null ? {} : { 'container.runtime': runtime }),
    ...(podUid === null ? {} : { 'k8s.pod.uid': podUid }),
  };
}

import type { Service, SourceKind } from '../source.ts';

/** What the engine says of a container. Its environment is in the same answer, and is not read. */
export type Container = {
  id: string;
  name: string;
  image: string;
  /** Of the main process, as the host numbers it; 0 if it does not run. */
  pid: number;
  startedAt: string;
  isOomKilled: boolean;
  hasTerminal: boolean;
  labels: Readonly<Record<string, string>>;
  restart: RestartPolicy;
  /** Restarts by that policy. */
  restarts: number;
};

/** When the engine itself starts a container again. `limit` is 0 if there is none. */
export type RestartPolicy = { name: string; limit: number };

/** Of `GET /containers/ID/json`; null for anything else. */
export function readContainer(value: unknown): Container | null {
  const { Id, Name, State, Config, HostConfig, RestartCount } = asRecord(value);
  const policy = asRecord(asRecord(HostConfig).RestartPolicy);
  const state = asRecord(State);
  const config = asRecord(Config);
  const name = typeof Name === 'string' ? Name.replace(/^\//, '') : '';
  if (typeof Id !== 'string' || !/^[0-9a-f]{12,64}$/.test(Id) || !/^[\w.-]{1,128}$/.test(name)) return null;
  const labels = Object.entries(asRecord(config.Labels)).filter(([, text]) => typeof text === 'string');
  return {
    ...{ id: Id, name },
    image: typeof config.Image === 'string' ? config.Image.slice(0, 255) : '',
    pid: numberOf(state.Pid),
    startedAt: typeof state.StartedAt === 'string' ? state.StartedAt : '',
    isOomKilled: state.OOMKilled === true,
    hasTerminal: config.Tty === true,
    labels: Object.fromEntries(labels) as Record<string, string>,
    restart: { name: `${policy.Name ?? ''}`, limit: numberOf(policy.MaximumRetryCount) },
    restarts: numberOf(RestartCount),
  };
}

/** A service of Compose keeps its identity when its container is made again; so does a container by its name. */
export function serviceOf(kind: SourceKind, { id, name, image, labels }: Container): Service {
  const project = labels['com.docker.compose.project'];
  const service = labels['com.docker.compose.service'];
  const number = labels['com.docker.compose.container-number'] ?? '1';
  const isComposed = project !== undefined && service !== undefined && /^\d{1,5}$/.test(number);
  const app = isComposed ? `${project}-${service}` : name;
  const replica = isComposed && number !== '1' ? number : null;
  const pod = labels['io.kubernetes.pod.name'];
  return {
    id: replica === null ? `${kind}:${app}` : `${kind}:${app}:${replica}`,
    ...{ source: kind, name: app, replica },
    attributes: {
      ...{ 'container.id': id, 'container.name': name, 'container.image.name': image },
      ...(pod === undefined
        ? {}
        : {
            'k8s.pod.name': pod,
            'k8s.namespace.name': labels['io.kubernetes.pod.namespace'] ?? '',
            'k8s.container.name': labels['io.kubernetes.container.name'] ?? '',
          }),
    },
  };
}

function numberOf(value: unknown): number {
  return Number.isSafeInteger(value) ? Number(value) : 0;
}

export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

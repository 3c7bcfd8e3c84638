import { readdirSync, readFileSync } from 'node:fs';
import { asRecord } from './container.ts';

/** What is written on the host of a container's names; absent is unknown. */
export type ContainerNames = {
  name?: string;
  image?: string;
  pod?: { name: string; namespace: string; container: string };
};

export type NamePlaces = {
  /** Of Docker: a directory for each container. */
  docker: string;
  /** Of Podman and CRI-O: lists of containers. */
  storage: readonly string[];
  /** Of the kubelet: a link for each container. */
  kubelet: string;
};

export const NAME_PLACES: NamePlaces = {
  docker: '/var/lib/docker/containers',
  storage: [
    '/var/lib/containers/storage/overlay-containers/containers.json',
    '/var/lib/containers/storage/vfs-containers/containers.json',
  ],
  kubelet: '/var/log/containers',
};

const MAX_BYTES = 8 * 1024 * 1024;

/** Names by the files that engines keep. Environments are in the same files, and are not read. */
export function containerNames(id: string, places: NamePlaces = NAME_PLACES): ContainerNames {
  const pod = podOf(id, places.kubelet);
  const docker = asRecord(json(`${places.docker}/${id}/config.v2.json`));
  const dockerName = text(docker.Name).replace(/^\//, '');
  if (dockerName !== '') {
    return { name: dockerName, image: text(asRecord(docker.Config).Image), ...(pod === null ? {} : { pod }) };
  }
  if (pod !== null) return { pod };
  for (const path of places.storage) {
    const list = json(path);
    const found = (Array.isArray(list) ? list : []).map(asRecord).find((one) => one.id === id);
    const [name] = Array.isArray(found?.names) ? found.names : [];
    if (text(name) !== '') return { name: text(name) };
  }
  return {};
}

/** `POD_NAMESPACE_CONTAINER-ID.log` */
function podOf(id: string, directory: string): Required<ContainerNames>['pod'] | null {
  try {
    const file = readdirSync(directory).find((name) => name.endsWith(`-${id}.log`));
    const [name, namespace, rest] = file?.split('_') ?? [];
    const container = rest?.slice(0, -`-${id}.log`.length);
    return name && namespace && container ? { name, namespace, container } : null;
  } catch {
    return null;
  }
}

function json(path: string): unknown {
  try {
    const content = readFileSync(path, 'utf8');
    return content.length > MAX_BYTES ? null : JSON.parse(content);
  } catch {
    return null;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 255) : '';
}

import { asRecord } from '../containers/container.ts';

/** A run of a container that has ended. */
export type Terminated = {
  /** Of the container, without its runtime. */
  id: string;
  /** null if the kubelet does not know it. */
  exitCode: number | null;
  isOomKilled: boolean;
  startedAtMs: number;
  finishedAtMs: number;
};

export type PodContainer = {
  name: string;
  image: string;
  restarts: number;
  /** The run that goes on; null if none does. */
  running: { id: string; startedAtMs: number } | null;
  /** Runs that have ended, as far as the kubelet remembers them: the last two at most, the older one first. */
  ended: Terminated[];
};

export type Pod = {
  uid: string;
  name: string;
  namespace: string;
  node: string;
  /** What made it, without the hash of a Deployment's ReplicaSet; the pod itself if nothing did. */
  owner: string;
  deployment: string | null;
  /** A user or a controller deletes it: its processes get SIGTERM. */
  isDeleted: boolean;
  containers: PodContainer[];
};

/** Of the API (`v1.Pod`); null for anything else. Neither environments nor arguments are read. */
export function readPod(value: unknown): Pod | null {
  const { metadata, spec, status } = asRecord(value);
  const meta = asRecord(metadata);
  const uid = text(meta.uid);
  const name = text(meta.name);
  const namespace = text(meta.namespace);
  if (!/^[\w-]{1,64}$/.test(uid) || !isName(name) || !isName(namespace)) return null;
  const statuses = list(asRecord(status).containerStatuses);
  const [owner] = list(meta.ownerReferences).map(asRecord);
  const hash = text(asRecord(meta.labels)['pod-template-hash']);
  const ownerName = text(owner?.name);
  const isDeployed = owner?.kind === 'ReplicaSet' && hash !== '' && ownerName.endsWith(`-${hash}`);
  const deployment = isDeployed ? ownerName.slice(0, -hash.length - 1) : null;
  return {
    ...{ uid, name, namespace, node: text(asRecord(spec).nodeName), deployment },
    owner: deployment ?? (isName(ownerName) ? ownerName : name),
    isDeleted: text(meta.deletionTimestamp) !== '',
    containers: statuses.map(readContainerStatus).filter((container) => container !== null),
  };
}

function readContainerStatus(value: unknown): PodContainer | null {
  const { name, image, restartCount, containerID, state, lastState } = asRecord(value);
  if (!isName(text(name))) return null;
  const { running, terminated } = asRecord(state);
  const startedAtMs = Date.parse(text(asRecord(running).startedAt));
  const id = idOf(containerID);
  return {
    ...{ name: text(name), image: text(image).slice(0, 255) },
    restarts: Number.isSafeInteger(restartCount) ? Number(restartCount) : 0,
    running: id === null || Number.isNaN(startedAtMs) ? null : { id, startedAtMs },
    ended: [asRecord(lastState).terminated, terminated].flatMap((one) => readTerminated(one) ?? []),
  };
}

function readTerminated(value: unknown): Terminated | null {
  const { containerID, exitCode, reason, startedAt, finishedAt } = asRecord(value);
  const id = idOf(containerID);
  const finishedAtMs = Date.parse(text(finishedAt));
  if (id === null || Number.isNaN(finishedAtMs)) return null;
  // The kubelet lost the container, and makes up the code 137.
  const isKnown = reason !== 'ContainerStatusUnknown' && Number.isSafeInteger(exitCode);
  return {
    ...{ id, finishedAtMs, exitCode: isKnown ? Number(exitCode) & 0xff : null },
    isOomKilled: reason === 'OOMKilled',
    startedAtMs: Date.parse(text(startedAt)) || finishedAtMs,
  };
}

/** `containerd://3f…` */
function idOf(value: unknown): string | null {
  return /^[a-z0-9-]{1,32}:\/\/([0-9a-f]{12,64})$/.exec(text(value))?.[1] ?? null;
}

function isName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{0,252}$/.test(name);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

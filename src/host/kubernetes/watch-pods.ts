import { setTimeout as delay } from 'node:timers/promises';
import { asRecord } from '../containers/container.ts';
import { HttpRefusal } from '../http-get.ts';
import type { KubernetesApi } from './kubernetes-api.ts';

export type PodListener = {
  /** All pods of the node: others are gone. */
  listed(pods: readonly unknown[]): void;
  changed(pod: unknown): void;
  deleted(pod: unknown): void;
  /** The server does not allow it; said once. */
  refused(status: number): void;
};

const RECONNECT_MS = [500, 1_000, 2_000, 5_000, 15_000, 60_000];
/** The server ends a watch after so long; without an answer by then the connection is dead. */
const WATCH_SECONDS = 300;
const GONE = 410;

/**
 * Follows the pods of a node until `signal` aborts: a list, then a watch from its version on ("Efficient detection of
 * changes", Kubernetes API concepts). Where a version is too old, all is listed again.
 */
export async function watchPods(
  api: KubernetesApi,
  node: string,
  listener: PodListener,
  signal: AbortSignal,
  reconnectMs: readonly number[] = RECONNECT_MS,
): Promise<void> {
  const selector = `fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}`;
  let version: string | null = null;
  let failures = 0;
  let isRefused = false;
  while (!signal.aborted) {
    try {
      if (version === null) {
        const found = asRecord(await api.json(`/api/v1/pods?${selector}`));
        version = `${asRecord(found.metadata).resourceVersion}`;
        listener.listed(Array.isArray(found.items) ? found.items : []);
      }
      const from = `resourceVersion=${encodeURIComponent(version)}`;
      const path = `/api/v1/pods?watch=1&allowWatchBookmarks=true&timeoutSeconds=${WATCH_SECONDS}&${from}&${selector}`;
      const limit = AbortSignal.any([signal, AbortSignal.timeout((WATCH_SECONDS + 30) * 1_000)]);
      let isGone = false;
      await api.stream(path, limit, (value) => {
        const { type, object } = asRecord(value);
        if (type === 'ERROR') {
          isGone = true;
          return;
        }
        failures = 0;
        if (type === 'DELETED') listener.deleted(object);
        else if (type === 'ADDED' || type === 'MODIFIED') listener.changed(object);
        version = `${asRecord(asRecord(object).metadata).resourceVersion ?? version}`;
      });
      if (isGone) version = null;
    } catch (error) {
      const status = error instanceof HttpRefusal ? error.status : null;
      if (status === GONE) version = null;
      else if ((status === 401 || status === 403) && !isRefused) {
        isRefused = true;
        listener.refused(status);
      }
    }
    const waitMs = reconnectMs[Math.min(failures++, reconnectMs.length - 1)];
    await delay(waitMs, undefined, { ref: false, signal }).catch(() => {});
  }
}

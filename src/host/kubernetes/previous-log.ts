import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LiveTail } from '../../agent/raw-run.ts';
import type { KubernetesApi } from './kubernetes-api.ts';
import type { Pod } from './pod.ts';

const WORDS_BYTES = 1024 * 1024;
const EVIDENCE_BYTES = 64 * 1024;
/** With standard output and what the runtime adds to each line. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const LINES = 2_000;

/** Standard error of a log that a CRI runtime writes: `2016-10-06T00:17:09.669794202Z stderr P text`, P for a part of a line. */
export function readCriLog(text: string): string {
  let stderr = '';
  for (const line of text.split('\n')) {
    const [, tag, written = ''] = /^\S+ stderr ([FP])\S* (.*)$/s.exec(line) ?? [];
    if (tag !== undefined) stderr += tag === 'F' ? `${written}\n` : written;
  }
  return stderr;
}

/**
 * The end of what a run wrote: its file on this node, else what the API has of the run before the current one, in which
 * both streams are one.
 * @param restarts before this run
 */
export async function previousLog(
  api: KubernetesApi,
  { logDirectory, pod, container }: { logDirectory: string; pod: Pod; container: string },
  restarts: number,
  endedAtMs: number,
): Promise<LiveTail | null> {
  const file = join(logDirectory, `${pod.namespace}_${pod.name}_${pod.uid}`, container, `${restarts}.log`);
  const whole = Buffer.from(ofFile(file) ?? (await ofApi(api, pod, container))).subarray(-WORDS_BYTES);
  if (whole.length === 0) return null;
  const offset = Math.max(0, whole.length - EVIDENCE_BYTES);
  return {
    ...{ bytes: whole.subarray(offset), offset, writtenAtMs: endedAtMs },
    more: () => (offset === 0 ? null : { bytes: whole, offset: 0 }),
  };
}

function ofFile(path: string): string | null {
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > MAX_FILE_BYTES) return null;
    return readCriLog(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

async function ofApi(api: KubernetesApi, { namespace, name }: Pod, container: string): Promise<string> {
  const range = `previous=true&tailLines=${LINES}&limitBytes=${WORDS_BYTES}`;
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/log?container=${container}&${range}`;
  try {
    return (await api.bytes(path, 2 * WORDS_BYTES)).toString();
  } catch {
    return '';
  }
}

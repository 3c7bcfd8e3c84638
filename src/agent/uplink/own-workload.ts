import { readFileSync } from 'node:fs';
import type { PublicWorkload } from '../../model/workload.ts';
import { publishWorkload } from '../../privacy/publish-workload.ts';

/** What a process can see of its supervisor. */
export type Surroundings = {
  env: Readonly<Record<string, string | undefined>>;
  pid: number;
  hostname: string;
  /** The text of a file; null if it cannot be read. */
  read: (path: string) => string | null;
};

const NAMESPACE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';
/** DEPLOYMENT-REPLICASET-POD: Kubernetes makes the last two of letters and digits that form no words. */
const POD_OF_DEPLOYMENT = /^(.+)-[bcdfghjklmnpqrstvwxz2456789]{8,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/;

/**
 * What `crashmon run` belongs to: the unit whose main process it is, or the Deployment of its pod. The portal shows the
 * instances of one together, so that replaced pods do not pile up.
 */
export function ownWorkload({ env, pid, hostname, read }: Surroundings): PublicWorkload {
  if (env.KUBERNETES_SERVICE_HOST) {
    const [, deployment] = POD_OF_DEPLOYMENT.exec(hostname) ?? [];
    const namespace = read(NAMESPACE)?.trim();
    const pod = deployment === undefined ? undefined : hostname;
    return of({ 'k8s.namespace.name': namespace, 'k8s.deployment.name': deployment, 'k8s.pod.name': pod });
  }
  // Of systemd, and true of this process alone: children inherit the other variables, too.
  if (env.SYSTEMD_EXEC_PID !== `${pid}`) return of({});
  const [, unit] =
    /^\d+:(?:name=systemd)?:.*?\/([^/\n]+\.service)$/m.exec(read('/proc/self/cgroup') ?? '') ?? [];
  return of({ 'systemd.unit': unit });
}

export function surroundings(env: NodeJS.ProcessEnv, hostname: string): Surroundings {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return null;
    }
  };
  return { env, pid: process.pid, hostname, read };
}

const of = (attributes: Record<string, string | undefined>): PublicWorkload =>
  publishWorkload(new Map(Object.entries(attributes)));

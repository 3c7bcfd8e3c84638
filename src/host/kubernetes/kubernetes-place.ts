/** How the API server of the cluster is reached from a pod of it, and which node this is. */
export type KubernetesPlace = {
  /** `https://10.96.0.1:443` */
  url: string;
  node: string;
  /** Files of the service account, which are replaced from time to time. null for a server without. */
  tokenPath: string | null;
  caPath: string | null;
  /** Where the kubelet writes the output of containers. */
  logDirectory: string;
};

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** By the variables that a pod has; null outside of one, or if `CRASHMON_NODE_NAME` is missing. */
export function kubernetesPlace(env: Readonly<Record<string, string | undefined>>): KubernetesPlace | null {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, CRASHMON_NODE_NAME: node } = env;
  if (!host || !node) return null;
  const shown = host.includes(':') ? `[${host}]` : host;
  return {
    url: `https://${shown}:${port || '443'}`,
    node,
    tokenPath: `${ACCOUNT}/token`,
    caPath: `${ACCOUNT}/ca.crt`,
    logDirectory: '/var/log/pods',
  };
}

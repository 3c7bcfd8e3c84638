import type { Workload } from '../../model/workload.ts';

export type Fact = { label: string; value: string };

const SUPERVISORS: Readonly<Record<string, string>> = {
  systemd: 'systemd',
  'systemd-user': 'systemd of a user',
  pm2: 'PM2',
  docker: 'Docker',
  podman: 'Podman',
  containerd: 'containerd',
  'cri-o': 'CRI-O',
  kubernetes: 'Kubernetes',
  container: 'a container engine',
  process: 'a supervisor that is not known',
};

/** What runs an instance, and what it is called there; nothing of an app that crashmon itself starts. */
export function workloadFacts(workload: Workload): Fact[] {
  const of = (key: keyof Workload) => workload[key] ?? null;
  const source = of('crashmon.source');
  const mode = of('pm2.exec_mode');
  const namespace = of('k8s.namespace.name');
  const pod = of('k8s.pod.name');
  const container =
    of('k8s.container.name') ?? of('container.name') ?? of('container.id')?.slice(0, 12) ?? null;
  const supervisor = source === null ? null : (SUPERVISORS[source] ?? source);
  const facts: [string, string | null][] = [
    ['Started by', supervisor === null || mode === null ? supervisor : `${supervisor} (${mode} mode)`],
    ['Unit', of('systemd.unit')],
    ['Deployment', of('k8s.deployment.name')],
    ['Pod', pod === null || namespace === null ? pod : `${namespace}/${pod}`],
    ['Container', container],
    ['Image', of('container.image.name')],
    ['Node', of('k8s.node.name')],
  ];
  return facts.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
}

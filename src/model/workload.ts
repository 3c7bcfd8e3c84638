/** Resource attributes by which a supervisor names what it runs: of OpenTelemetry where it has one. */
export const WORKLOAD_KEYS = [
  'crashmon.source',
  'systemd.unit',
  'pm2.exec_mode',
  'container.id',
  'container.name',
  'container.image.name',
  'container.runtime',
  'k8s.namespace.name',
  'k8s.deployment.name',
  'k8s.pod.name',
  'k8s.pod.uid',
  'k8s.container.name',
  'k8s.node.name',
] as const;
export type WorkloadKey = (typeof WORKLOAD_KEYS)[number];

/** Where an instance runs. What is unknown is absent. */
export type Workload = Readonly<Partial<Record<WorkloadKey, string>>>;

declare const madeByPublishing: unique symbol;

/** Names that may leave the host. Only `privacy/` can make one. */
export type PublicWorkload = Workload & { readonly [madeByPublishing]: true };

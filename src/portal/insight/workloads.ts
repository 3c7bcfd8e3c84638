import type { InstanceSummary } from '../store/read/instance-store.ts';

/** The instances of one Deployment, unit or the like, whatever became of its pods. */
export type WorkloadSummary = {
  label: string;
  name: string;
  running: number;
  gone: number;
  crashesLastDay: number;
};

const DAY_MS = 86_400_000;

/** Has it stopped, or been silent for a day? */
function isGone({ state, lastSeenMs }: InstanceSummary, nowMs: number): boolean {
  return state === 'stopped' || (state === 'silent' && lastSeenMs < nowMs - DAY_MS);
}

/** Every Deployment, also while it has one pod, and every other workload with more than one instance, by name. */
export function workloadsOf(instances: readonly InstanceSummary[], nowMs: number): WorkloadSummary[] {
  const groups = Map.groupBy(instances, (each) => keyOf(each) ?? '');
  groups.delete('');
  return [...groups.values()]
    .flatMap((group) => {
      const identity = identityOf(group[0]);
      if (identity === null || (group.length === 1 && identity.label !== 'Deployment')) return [];
      const gone = group.filter((each) => isGone(each, nowMs)).length;
      // No total: it would fall whenever pods are folded.
      const crashesLastDay = group.reduce((all, each) => all + each.crashesLastDay, 0);
      return [{ ...identity, running: group.length - gone, gone, crashesLastDay }];
    })
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** Pods that are gone while others of their Deployment run: they were replaced. Hosts of a unit replace nothing. */
export function replacedOf(
  instances: readonly InstanceSummary[],
  nowMs: number,
): ReadonlySet<InstanceSummary> {
  const pods = instances.filter((each) => each.workload?.['k8s.deployment.name'] !== undefined);
  const running = new Set(pods.filter((each) => !isGone(each, nowMs)).map(keyOf));
  return new Set(pods.filter((each) => isGone(each, nowMs) && running.has(keyOf(each))));
}

function keyOf(instance: InstanceSummary): string | null {
  const identity = identityOf(instance);
  return identity === null ? null : `${identity.label} ${identity.name}`;
}

function identityOf(instance: InstanceSummary | undefined): { label: string; name: string } | null {
  const { workload = {} } = instance ?? {};
  const namespace = workload['k8s.namespace.name'];
  const deployment = workload['k8s.deployment.name'];
  if (deployment !== undefined) {
    return { label: 'Deployment', name: namespace === undefined ? deployment : `${namespace}/${deployment}` };
  }
  const unit = workload['systemd.unit'];
  return unit === undefined ? null : { label: 'Unit', name: unit };
}

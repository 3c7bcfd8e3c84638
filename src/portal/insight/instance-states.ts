import type { InstanceState } from '../store/read/instance-store.ts';

/** What people call each state, in the order that they want to know it. */
export const INSTANCE_STATES: Readonly<Record<InstanceState, string>> = {
  armed: 'armed',
  watching: 'watching',
  'cooling-down': 'cooling down',
  silent: 'silent',
  stopped: 'stopped',
  external: 'external',
  folded: 'folded',
  disabled: 'disabled',
};

/** What each means for the next crash. */
export const STATE_MEANINGS: Readonly<Record<InstanceState, string>> = {
  armed: 'The call stack of the next crash is recorded.',
  watching: 'Crashes are counted; there are not enough to arm.',
  'cooling-down':
    'A crash was captured: crashes are counted, and nothing is captured until the cool-down ends.',
  silent: 'It missed three heartbeats: it is cut off, or its crashmon was killed.',
  stopped: 'Crashmon ended there, and its worker with it: nothing runs that could crash.',
  external:
    'Its crashes come from another OpenTelemetry sender. Crashmon does not run it and captures nothing.',
  folded:
    'Instances beyond the limit (--max-instances), the oldest first: their crashes are counted together.',
  disabled: 'Nothing is captured: disarmed by hand, or monitoring is switched off by its environment.',
};

/** How many instances are in which state. */
export function countStates(instances: readonly { state: InstanceState }[]): Record<InstanceState, number> {
  const counts = {
    ...{ armed: 0, watching: 0, 'cooling-down': 0, silent: 0 },
    ...{ stopped: 0, external: 0, folded: 0, disabled: 0 },
  };
  for (const { state } of instances) counts[state]++;
  return counts;
}

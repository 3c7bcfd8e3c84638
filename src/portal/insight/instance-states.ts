import { grouped } from '../../formats/quantity-words.ts';
import type { InstanceState } from '../store/read/instance-store.ts';

/** The label of each state, most important first. */
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

/** What each state means for the next crash. */
export const STATE_MEANINGS: Readonly<Record<InstanceState, string>> = {
  armed: 'The next crash will be captured.',
  watching: 'Crashes are counted; there were too few to capture the next one.',
  'cooling-down': 'A crash was captured. Crashes are counted, but not captured until the cool-down ends.',
  silent:
    'It missed three heartbeats: its network is down, its crashmon was killed, or crashmon agent no longer watches it.',
  stopped: 'Crashmon and its worker stopped.',
  external:
    'Another OpenTelemetry sender reports its crashes. Crashmon does not run there and captures nothing.',
  folded:
    'Instances that were gone for longer than --instance-retention, and the oldest beyond --max-instances, are counted together.',
  disabled: 'Nothing is captured: it was disarmed manually, or the environment disables monitoring.',
};

/** How many instances are in a state. What was folded is one row, and no number of instances. */
export function stateCount(state: InstanceState, count: number): string {
  return state === 'folded' ? 'others folded' : `${grouped(count)} ${INSTANCE_STATES[state]}`;
}

/** The number of instances in each state. */
export function countStates(instances: readonly { state: InstanceState }[]): Record<InstanceState, number> {
  const counts = {
    ...{ armed: 0, watching: 0, 'cooling-down': 0, silent: 0 },
    ...{ stopped: 0, external: 0, folded: 0, disabled: 0 },
  };
  for (const { state } of instances) counts[state]++;
  return counts;
}

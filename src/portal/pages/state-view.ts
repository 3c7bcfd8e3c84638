import { type Html, html } from '../../formats/html.ts';
import { INSTANCE_STATES, stateCount } from '../insight/instance-states.ts';
import type { InstanceState } from '../store/read/instance-store.ts';
import { icon } from './icons.ts';

/** A state by sign and word. */
export function stateView(state: InstanceState): Html {
  return html`<span class="state state-${state}">${icon(state)}<span>${INSTANCE_STATES[state]}</span></span>`;
}

/** How many instances are in which state, as a list. */
export function stateCounts(counts: Readonly<Record<InstanceState, number>>): Html {
  const states = (Object.keys(INSTANCE_STATES) as InstanceState[]).filter((state) => counts[state] > 0);
  if (states.length === 0) return html`<p class="soft small">No instances yet</p>`;
  return html`<ul class="states" aria-label="Instances">${states.map(
    (state) =>
      html`<li class="state state-${state}">${icon(state)}<span>${stateCount(state, counts[state])}</span></li>`,
  )}</ul>`;
}

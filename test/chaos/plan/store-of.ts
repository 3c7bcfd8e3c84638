import { randomFrom } from './random.ts';

/** What the portal keeps its data in. */
export type StoreKind = 'PostgreSQL' | 'SQLite';

/** Of a run with this seed. */
export function storeOf(seed: number): StoreKind {
  return randomFrom(seed, 'store').oneOf(['PostgreSQL', 'SQLite']);
}

import { type Random, randomFrom } from './random.ts';

/** Whose process is meant; which of several, `pick` says as a share from 0 to 1000. */
export type Role = 'crashmon' | 'helper' | 'portal' | 'database';

export type Fault =
  | { kind: 'kill'; role: Role; pick: number }
  | { kind: 'stop'; role: Role; pick: number; forMs: number }
  /** A worker, by a signal that is neither its own nor crashmon's. */
  | { kind: 'signal-worker'; signal: 'SIGKILL' | 'SIGTERM'; pick: number }
  /** An operator stops a crashmon, and starts it again. */
  | { kind: 'end-crashmon'; pick: number }
  | { kind: 'portal-away'; forMs: number }
  | { kind: 'database-away'; forMs: number }
  /** Connections to the portal are reset, or nothing passes any more. */
  | { kind: 'network-cut'; how: 'reset' | 'silent'; forMs: number }
  /** The wall clock is that far from the true time, until it jumps again. */
  | { kind: 'clock-jump'; byMs: number }
  /** Other programs take almost all memory of an app with a limit. */
  | { kind: 'memory-full'; pick: number; forMs: number }
  | { kind: 'disk-full'; forMs: number }
  | { kind: 'disk-slow'; forMs: number };

export type Step = { atMs: number; fault: Fault };

const ROLES: readonly Role[] = [
  ...repeat<Role>('crashmon', 4),
  ...repeat<Role>('helper', 5),
  'portal',
  'database',
];

/** A portal rejects records that are more than a day ahead of it, so no two of these are further apart. */
const JUMPS_MS = [0, 700, 30_000, 3_600_000, 11 * 3_600_000];

/** How often each is chosen. */
const MAKERS: readonly ((random: Random) => Fault)[] = [
  ...repeat<(random: Random) => Fault>((random) => ({ kind: 'kill', ...victim(random) }), 7),
  ...repeat<(random: Random) => Fault>(
    (random) => ({ kind: 'stop', ...victim(random), forMs: random.between(100, 4_000) }),
    5,
  ),
  (random) => ({
    kind: 'signal-worker',
    signal: random.oneOf(['SIGKILL', 'SIGTERM']),
    pick: random.between(0, 1_000),
  }),
  (random) => ({ kind: 'end-crashmon', pick: random.between(0, 1_000) }),
  (random) => ({ kind: 'portal-away', forMs: random.between(500, 8_000) }),
  (random) => ({ kind: 'database-away', forMs: random.between(500, 6_000) }),
  (random) => ({
    kind: 'network-cut',
    how: random.oneOf(['reset', 'silent']),
    forMs: random.between(500, 8_000),
  }),
  (random) => ({ kind: 'clock-jump', byMs: random.oneOf(JUMPS_MS) * random.oneOf([-1, 1]) }),
  (random) => ({ kind: 'memory-full', pick: random.between(0, 1_000), forMs: random.between(500, 5_000) }),
  (random) => ({ kind: 'disk-full', forMs: random.between(500, 6_000) }),
  (random) => ({ kind: 'disk-slow', forMs: random.between(500, 6_000) }),
];

function victim(random: Random): { role: Role; pick: number } {
  return { role: random.oneOf(ROLES), pick: random.between(0, 1_000) };
}

/**
 * What happens when, from the seed alone. Two of what lasts and is there once (a disk, the portal) never overlap;
 * everything else can.
 */
export function planOf(seed: number, durationMs: number): Step[] {
  const random = randomFrom(seed, 'faults');
  const busyUntil = new Map<Fault['kind'], number>();
  const steps: Step[] = [];
  for (let atMs = random.between(1_000, 3_000); atMs < durationMs; atMs += random.between(200, 2_500)) {
    const fault = random.oneOf(MAKERS)(random);
    const isSingle = 'forMs' in fault && fault.kind !== 'stop';
    if (isSingle && (busyUntil.get(fault.kind) ?? 0) > atMs) continue;
    if (isSingle) busyUntil.set(fault.kind, atMs + fault.forMs + 2_000);
    steps.push({ atMs, fault });
  }
  return steps;
}

export function textOf(fault: Fault): string {
  const { kind, ...rest } = fault;
  return [kind, ...Object.values(rest)].join(' ');
}

function repeat<Value>(value: Value, times: number): Value[] {
  return Array.from({ length: times }, () => value);
}

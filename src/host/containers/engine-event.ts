import { asRecord } from './container.ts';

/** An event of a container. */
export type EngineEvent = {
  id: string;
  what: (typeof EVENTS)[number];
  /** Of `die`: 128 and the number of a signal if one ended it. */
  exitCode: number | null;
  /** Of `kill`: its number, which Podman leaves out. */
  signal: number | null;
  atMs: number;
};

/** Docker says `destroy`, Podman `remove`. */
const EVENTS = ['start', 'die', 'kill', 'oom', 'restart', 'destroy', 'remove'] as const;

export const EVENTS_PATH = `/events?filters=${encodeURIComponent(
  // Podman says `die` too, but filters by its own name for it.
  JSON.stringify({ type: ['container'], event: [...EVENTS, 'died'] }),
)}`;

/** null for anything that is no such event. */
export function readEngineEvent(value: unknown): EngineEvent | null {
  const { Action, Type, Actor, timeNano } = asRecord(value);
  const { ID, Attributes } = asRecord(Actor);
  const what = EVENTS.find((event) => event === Action);
  if (what === undefined || Type !== 'container' || typeof ID !== 'string' || !/^[0-9a-f]{12,64}$/.test(ID)) {
    return null;
  }
  const { exitCode, containerExitCode, signal } = asRecord(Attributes);
  return {
    ...{ id: ID, what },
    exitCode: count(exitCode ?? containerExitCode),
    signal: count(signal),
    atMs: typeof timeNano === 'number' ? Math.floor(timeNano / 1e6) : Date.now(),
  };
}

function count(value: unknown): number | null {
  return /^\d{1,3}$/.test(`${value}`) ? Number(value) : null;
}

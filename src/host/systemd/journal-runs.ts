import type { UnitEntry } from './journal-entry.ts';
import { judgeEnd, type ProcessEnd } from './judge-end.ts';

/** A run of a unit as the journal has it, in the order of their ends. The journal does not have the process ID. */
export type JournalExit = {
  unit: string;
  invocationId: string;
  bootId: string;
  /** null if the start was logged earlier. */
  startedAtMs: number | null;
  endedAtMs: number;
} & ReturnType<typeof judgeEnd>;

export type JournalRuns = {
  exits: JournalExit[];
  /** What NRestarts became at each restart after an end that the journal has, for each unit. */
  restarts: ReadonlyMap<string, readonly number[]>;
};

type Known = {
  unit: string;
  bootId: string;
  startedAtMs: number | null;
  stopping: boolean;
  end: { code: ProcessEnd['code']; status: number; atMs: number } | null;
  /** `Failed with result`. */
  failed: { result: string; atMs: number } | null;
  succeeded: boolean;
};

/** A crash loop of weeks; beyond, the oldest are dropped. */
const MAX_RUNS = 20_000;
const CODES: readonly string[] = ['exited', 'killed', 'dumped'] satisfies ProcessEnd['code'][];

/** Gathers what the entries say about each run of each unit. Pure; bounded. */
export class JournalReading {
  readonly #runs = new Map<string, Known>();
  readonly #restarts = new Map<string, number[]>();

  add(entry: UnitEntry): void {
    const { what, fields, atMs } = entry;
    const run = this.#runOf(entry);
    switch (what) {
      case 'started':
        run.startedAtMs ??= atMs;
        break;
      case 'stopping':
        run.stopping ||= run.end === null;
        break;
      case 'exited':
        if (fields.COMMAND === 'ExecStart' && run.end === null) run.end = toEnd(fields, atMs);
        break;
      case 'failed':
        run.failed ??= { result: fields.UNIT_RESULT ?? '', atMs };
        break;
      case 'restarting':
        if (run.end !== null || run.failed !== null || run.succeeded) {
          this.#addRestart(entry.unit, Number(fields.N_RESTARTS));
        }
        break;
      case 'succeeded':
        run.succeeded = true;
        break;
    }
  }

  result(): JournalRuns {
    const exits = [...this.#runs].flatMap(([invocationId, run]) => toExit(invocationId, run) ?? []);
    exits.sort((one, other) => one.endedAtMs - other.endedAtMs);
    return { exits, restarts: this.#restarts };
  }

  #addRestart(unit: string, count: number): void {
    const known = this.#restarts.get(unit) ?? [];
    this.#restarts.set(unit, known);
    if (Number.isInteger(count) && known.length < MAX_RUNS) known.push(count);
  }

  #runOf({ unit, invocationId, bootId }: UnitEntry): Known {
    const known = this.#runs.get(invocationId);
    if (known !== undefined) return known;
    const nothing = { startedAtMs: null, stopping: false, end: null, failed: null, succeeded: false };
    const run: Known = { unit, bootId, ...nothing };
    this.#runs.set(invocationId, run);
    const oldest = this.#runs.size > MAX_RUNS ? this.#runs.keys().next().value : undefined;
    if (oldest !== undefined) this.#runs.delete(oldest);
    return run;
  }
}

function toEnd({ EXIT_CODE = '', EXIT_STATUS = '' }: UnitEntry['fields'], atMs: number): Known['end'] {
  const code = CODES.find((name) => name === EXIT_CODE) as ProcessEnd['code'] | undefined;
  const status = Number(EXIT_STATUS);
  return code === undefined || !Number.isInteger(status) ? null : { code, status, atMs };
}

function toExit(invocationId: string, run: Known): JournalExit | null {
  const { unit, bootId, startedAtMs, stopping, end, failed } = run;
  const base = { unit, invocationId, bootId, startedAtMs };
  if (end !== null) {
    const { code, status, atMs } = end;
    const judged = judgeEnd({ code, status, result: failed?.result ?? null, stopping });
    return { ...base, endedAtMs: atMs, ...judged };
  }
  // systemd killed it, and logs no exit status then.
  if (failed?.result !== 'timeout' || stopping) return null;
  return {
    ...{ ...base, endedAtMs: failed.atMs },
    ...{ status: { type: 'unknown' }, asked: false, because: 'timeout' },
  };
}

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

export type RestartedExit = JournalExit & {
  /** The journal has the restart after it. */
  isRestartLogged: boolean;
  /** That restart has no lower number, as far as the journal shows it. */
  restartAtLeast: number;
};

/** A good end, of which systemd does not log how the process ended. */
export type QuietEnd = { unit: string; invocationId: string; atMs: number; asked: boolean };

export type JournalRuns = {
  exits: RestartedExit[];
  quietEnds: QuietEnd[];
  /** What NRestarts became at each restart after an end that the journal has, in order, by boot and unit (`b/shop.service`). */
  restarts: ReadonlyMap<string, readonly number[]>;
  /** Of runs whose end was read earlier: those whose restart was read now. */
  restarted: ReadonlySet<string>;
  /** The place before a stop whose end is not logged yet: both must be read together. null: there is none. */
  resumeAfter: string | null;
};

/** What a reading says of restarts. */
export type LoggedRestarts = Pick<JournalRuns, 'restarts' | 'restarted'>;

type Known = {
  unit: string;
  bootId: string;
  startedAtMs: number | null;
  stopping: boolean;
  /** The place before the stop, and its time. */
  stop: { after: string | null; atMs: number } | null;
  end: { code: ProcessEnd['code']; status: number; atMs: number } | null;
  /** `Failed with result`. */
  failed: { result: string; atMs: number } | null;
  succeededAtMs: number | null;
  /** Another command of the unit has ended. */
  hasOtherEnd: boolean;
  isRestartLogged: boolean;
  restartAtLeast: number;
};

/** A crash loop of weeks; the next reading has the rest. */
const MAX_RUNS = 20_000;
/** Longer than what systemd usually waits for a stop. */
const MAX_STOP_MS = 10 * 60_000;
/** Of these failures systemd logs no end of the main process, or there was none. */
const WITHOUT_PROCESS = ['timeout', 'resources', 'protocol', 'start-limit-hit', 'exec-condition'];
const CODES: readonly string[] = ['exited', 'killed', 'dumped'] satisfies ProcessEnd['code'][];

/** Gathers what the entries say about each run of each unit. Pure; bounded. */
export class JournalReading {
  readonly #runs = new Map<string, Known>();
  readonly #restarts = new Map<string, number[]>();
  readonly #restarted = new Set<string>();
  readonly #endedBefore: ReadonlySet<string>;
  readonly #maxRuns: number;
  #newestMs = 0;

  /** @param endedBefore invocations of runs whose end was read earlier */
  constructor(endedBefore: ReadonlySet<string> = new Set(), maxRuns = MAX_RUNS) {
    this.#endedBefore = endedBefore;
    this.#maxRuns = maxRuns;
  }

  /** No more is to be added. */
  get isFull(): boolean {
    return this.#runs.size >= this.#maxRuns;
  }

  /** @param after cursor of the entry before; null if there is none */
  add(entry: UnitEntry, after: string | null = null): void {
    const { what, fields, atMs } = entry;
    this.#newestMs = atMs;
    const run = this.#runOf(entry);
    switch (what) {
      case 'started':
        run.startedAtMs ??= atMs;
        break;
      case 'stopping':
        run.stopping ||= run.end === null;
        run.stop ??= { after, atMs };
        break;
      case 'exited':
        if (fields.COMMAND !== 'ExecStart') run.hasOtherEnd = true;
        else if (run.end === null) {
          run.end = toEnd(fields, atMs);
          run.restartAtLeast = (this.#restarts.get(restartsKey(entry))?.at(-1) ?? -1) + 1;
        }
        break;
      case 'failed':
        run.failed ??= { result: fields.UNIT_RESULT ?? '', atMs };
        break;
      case 'restarting':
        // Of an end whose entry journald lost, the restart is not explained.
        if (isEndKnown(run) || this.#endedBefore.has(entry.invocationId)) {
          run.isRestartLogged = true;
          if (this.#endedBefore.has(entry.invocationId)) this.#restarted.add(entry.invocationId);
          this.#addRestart(restartsKey(entry), Number(fields.N_RESTARTS));
        }
        break;
      case 'succeeded':
        run.succeededAtMs ??= atMs;
        break;
    }
  }

  result(): JournalRuns {
    const exits = [...this.#runs].flatMap(([invocationId, run]) => toExit(invocationId, run) ?? []);
    exits.sort((one, other) => one.endedAtMs - other.endedAtMs);
    const stops = [...this.#runs.values()].flatMap((run) => (this.#isStopping(run) ? (run.stop ?? []) : []));
    stops.sort((one, other) => one.atMs - other.atMs);
    const quietEnds = [...this.#runs].flatMap(([id, run]) => toQuietEnd(id, run) ?? []);
    const { restarts, restarted } = { restarts: this.#restarts, restarted: this.#restarted };
    return { exits, quietEnds, restarts, restarted, resumeAfter: stops[0]?.after ?? null };
  }

  #isStopping({ stopping, stop, end, failed, succeededAtMs }: Known): boolean {
    const isOver = end !== null || failed !== null || succeededAtMs !== null;
    return stopping && !isOver && stop !== null && this.#newestMs - stop.atMs < MAX_STOP_MS;
  }

  #addRestart(key: string, count: number): void {
    const known = this.#restarts.get(key) ?? [];
    this.#restarts.set(key, known);
    if (!Number.isInteger(count)) return;
    known.push(count);
    if (known.length > MAX_RUNS) known.shift();
  }

  #runOf({ unit, invocationId, bootId }: UnitEntry): Known {
    const known = this.#runs.get(invocationId);
    if (known !== undefined) return known;
    const nothing = {
      startedAtMs: null,
      stopping: false,
      stop: null,
      end: null,
      failed: null,
      succeededAtMs: null,
      hasOtherEnd: false,
      isRestartLogged: false,
      restartAtLeast: 0,
    };
    const run: Known = { unit, bootId, ...nothing };
    this.#runs.set(invocationId, run);
    return run;
  }
}

function restartsKey({ bootId, unit }: UnitEntry): string {
  return `${bootId}/${unit}`;
}

/** It is among the exits, or is no end of a main process that would be. */
function isEndKnown({ end, failed, succeededAtMs, hasOtherEnd }: Known): boolean {
  if (end !== null || succeededAtMs !== null) return true;
  return failed !== null && (hasOtherEnd || WITHOUT_PROCESS.includes(failed.result));
}

function toQuietEnd(invocationId: string, { unit, end, succeededAtMs, stopping }: Known): QuietEnd | null {
  if (end !== null || succeededAtMs === null) return null;
  return { unit, invocationId, atMs: succeededAtMs, asked: stopping };
}

function toEnd({ EXIT_CODE = '', EXIT_STATUS = '' }: UnitEntry['fields'], atMs: number): Known['end'] {
  const code = CODES.find((name) => name === EXIT_CODE) as ProcessEnd['code'] | undefined;
  const status = Number(EXIT_STATUS);
  return code === undefined || !Number.isInteger(status) ? null : { code, status, atMs };
}

function toExit(invocationId: string, run: Known): RestartedExit | null {
  const { unit, bootId, startedAtMs, stopping, end, failed, isRestartLogged, restartAtLeast } = run;
  const base = { unit, invocationId, bootId, startedAtMs, isRestartLogged, restartAtLeast };
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

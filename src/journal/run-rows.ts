import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { MAIN_PROCESS, parseProcessToken, processToken } from '../model/ended-process.ts';
import { impactToken, parseImpactToken } from '../model/impact.ts';
import type { Problem } from '../model/problem.ts';
import { readProblem } from '../model/read-problem.ts';
import { readReason } from '../model/read-reason.ts';
import type { EndedRun, Run } from '../model/run.ts';

/** A stored exit. */
export type StoredExit = EndedRun & {
  /** Is there a report? `captured` says that there will be one, if the analysis succeeds. */
  reported: boolean;
  /** Why the analysis of a captured exit failed; null if it did not, or was not tried. */
  analysisProblem: Problem | null;
};

/** Selects what `toStoredExit` reads; continue with AND or ORDER BY. */
export const SELECT_EXITS =
  'SELECT runs.*, EXISTS (SELECT 1 FROM reports WHERE run_id = runs.id) AS reported FROM runs WHERE died IS NOT NULL';

type Row = Record<string, SQLOutputValue>;

type Column<Value> = {
  readonly name: string;
  readonly write: (value: Value) => SQLInputValue;
  readonly read: (cell: SQLOutputValue) => Value;
};
type Columns<Of> = { readonly [Name in keyof Of]: Column<Of[Name]> };

const text = (name: string): Column<string> => ({ name, write: (value) => value, read: String });
const int = (name: string): Column<number> => ({ name, write: (value) => value, read: Number });
const flag = (name: string): Column<boolean> => ({ name, write: Number, read: (cell) => cell === 1 });
const intOrNull = (name: string): Column<number | null> => ({
  ...{ name, write: (value) => value },
  read: (cell) => (typeof cell === 'number' ? cell : null),
});
const json = <Value>(name: string, read: (value: Value) => Value = (value) => value): Column<Value> => ({
  ...{ name, write: (value) => JSON.stringify(value) },
  read: (cell) => read(JSON.parse(String(cell))),
});

/** Each field of a run and its column: all that reads or writes rows of `runs` derives from this. */
const RUN: Columns<Run> = {
  id: text('id'),
  startedAt: json('started'),
  pid: intOrNull('pid'),
  pidStartTicks: intOrNull('pid_start_ticks'),
  armed: flag('armed'),
  commandHash: text('command_hash'),
};
const ENDED: Columns<EndedRun> = {
  ...RUN,
  diedAt: json('died'),
  status: json('status'),
  // Before schema 4 the reason was a sentence.
  verdict: json('verdict', (verdict) => ({ ...verdict, reason: readReason(verdict.reason) })),
  crashesInWindow: int('crashes_in_window'),
  captured: flag('captured'),
  process: {
    name: 'process',
    write: processToken,
    read: (cell) => (typeof cell === 'string' ? parseProcessToken(cell) : null) ?? MAIN_PROCESS,
  },
  replacedAfterMs: intOrNull('replaced_after_ms'),
  impact: {
    name: 'impact',
    write: (impact) => (impact === null ? null : impactToken(impact)),
    read: (cell) => (typeof cell === 'string' ? parseImpactToken(cell) : null),
  },
};

export const runColumns = (run: Run): Record<string, SQLInputValue> => writeRow(RUN, run);
export const exitColumns = (run: EndedRun): Record<string, SQLInputValue> => writeRow(ENDED, run);
export const toRun = (row: Row): Run => readRow(RUN, row);
export const toEndedRun = (row: Row): EndedRun => readRow(ENDED, row);

export function toStoredExit(row: Row): StoredExit {
  return {
    ...toEndedRun(row),
    reported: row.reported === 1,
    analysisProblem: typeof row.analysis_problem === 'string' ? readProblem(row.analysis_problem) : null,
  };
}

function writeRow<Of extends object>(columns: Columns<Of>, value: Of): Record<string, SQLInputValue> {
  const fields = Object.keys(columns) as (keyof Of)[];
  return Object.fromEntries(fields.map((field) => [columns[field].name, columns[field].write(value[field])]));
}

function readRow<Of extends object>(columns: Columns<Of>, row: Row): Of {
  const fields = Object.keys(columns) as (keyof Of)[];
  const read = (field: keyof Of) => columns[field].read(row[columns[field].name] ?? null);
  return Object.fromEntries(fields.map((field) => [field, read(field)])) as Of;
}

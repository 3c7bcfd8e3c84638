import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { ExitVerdict } from '../model/exit.ts';
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

export function runColumns(run: Run): Record<string, SQLInputValue> {
  return {
    id: run.id,
    started: JSON.stringify(run.startedAt),
    pid: run.pid,
    pid_start_ticks: run.pidStartTicks,
    armed: run.armed ? 1 : 0,
    command_hash: run.commandHash,
  };
}

export function exitColumns(run: EndedRun): Record<string, SQLInputValue> {
  return {
    ...runColumns(run),
    died: JSON.stringify(run.diedAt),
    status: JSON.stringify(run.status),
    verdict: JSON.stringify(run.verdict),
    crashes_in_window: run.crashesInWindow,
    captured: run.captured ? 1 : 0,
  };
}

export function toRun(row: Row): Run {
  return {
    id: String(row.id),
    startedAt: JSON.parse(String(row.started)),
    pid: toNumberOrNull(row.pid),
    pidStartTicks: toNumberOrNull(row.pid_start_ticks),
    armed: row.armed === 1,
    commandHash: String(row.command_hash),
  };
}

export function toEndedRun(row: Row): EndedRun {
  return {
    ...toRun(row),
    diedAt: JSON.parse(String(row.died)),
    status: JSON.parse(String(row.status)),
    verdict: readVerdict(JSON.parse(String(row.verdict))),
    crashesInWindow: Number(row.crashes_in_window),
    captured: row.captured === 1,
  };
}

export function toStoredExit(row: Row): StoredExit {
  return {
    ...toEndedRun(row),
    reported: row.reported === 1,
    analysisProblem: typeof row.analysis_problem === 'string' ? readProblem(row.analysis_problem) : null,
  };
}

/** Before schema 4 the reason was a sentence. */
function readVerdict(verdict: ExitVerdict): ExitVerdict {
  return { ...verdict, reason: readReason(verdict.reason) };
}

function toNumberOrNull(value: SQLOutputValue | undefined): number | null {
  return typeof value === 'number' ? value : null;
}

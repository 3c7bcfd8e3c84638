import { createHash } from 'node:crypto';
import { CRASH_KINDS, type CrashKind, type ExitStatus } from '../../model/exit.ts';
import { withRuntime } from '../../model/history/runtime-of-report.ts';
import type { PolicySettings } from '../../model/policy.ts';
import { readProblem } from '../../model/read-problem.ts';
import { REPORT_SCHEMA_VERSION, type RedactedReport } from '../../model/redacted-report.ts';
import type { Workload } from '../../model/workload.ts';

export function encodeStatus(status: ExitStatus): string {
  if (status.type === 'code') return `code:${status.code}`;
  return status.type === 'signal' ? `signal:${status.signal}` : 'unknown';
}

export function decodeStatus(text: string): ExitStatus {
  if (text.startsWith('code:')) return { type: 'code', code: Number(text.slice(5)) };
  return text.startsWith('signal:') ? { type: 'signal', signal: text.slice(7) } : { type: 'unknown' };
}

export const encodeSettings = ({ armAfter, windowMs, cooldownMs }: PolicySettings): string =>
  `${armAfter}/${windowMs}/${cooldownMs}`;

export function decodeSettings(text: string): PolicySettings {
  const [armAfter = 0, windowMs = 0, cooldownMs = 0] = text.split('/').map(Number);
  return { armAfter, windowMs, cooldownMs };
}

/** null if nothing is known. */
export const encodeWorkload = (workload: Workload = {}): string | null =>
  Object.keys(workload).length === 0 ? null : JSON.stringify(workload);

export const decodeWorkload = (text: string | null): Workload =>
  text === null ? {} : (JSON.parse(text) as Workload);

export const decodeKind = (text: string): CrashKind => CRASH_KINDS.find((kind) => kind === text) ?? 'exit';

/** 12 hexadecimal digits. */
export const shortHash = (...parts: readonly (string | null)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);

export type SplitReport = { hash: string; body: string; own: string };

/** What many crashes have alike apart from what is of one crash alone, so that a stack is stored once. */
export function splitReport(report: RedactedReport): SplitReport {
  const { id, app, instance, diedAt, heap, hold, ...alike } = report;
  const body = JSON.stringify(alike);
  return {
    hash: createHash('sha256').update(body).digest('base64url').slice(0, 22),
    body,
    own: JSON.stringify({ id, app, instance, diedAt, heap, hold, hasStack: report.frames.length > 0 }),
  };
}

/** Has the report a call stack? null where an older crashmon stored it. */
export function hasStackOf(own: string | null): boolean | null {
  if (own === null) return false;
  const { hasStack = null } = JSON.parse(own) as { hasStack?: boolean };
  return hasStack;
}

/** The reverse. null where either half is missing. */
export function joinReport(body: string | null, own: string | null): RedactedReport | null {
  if (body === null || own === null) return null;
  const { hasStack: _, ...rest } = JSON.parse(own);
  const alike = withRuntime(JSON.parse(body));
  // Sentences in schema 1.
  const problems = (alike.problems as unknown[]).map(readProblem);
  return { ...alike, schemaVersion: REPORT_SCHEMA_VERSION, problems, ...rest };
}

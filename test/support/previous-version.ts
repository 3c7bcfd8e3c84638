import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { OtlpLogRecord, OtlpLogsRequest } from '../../src/formats/otlp/otlp-json.ts';
import type { ExitStatus } from '../../src/model/exit.ts';
import { CHECKOUT } from './crashmon.ts';

/** Made by version 0.1; see the README beside them. */
export const PREVIOUS = path.join(CHECKOUT, 'test', 'fixtures', 'previous-version');

const read = (name: string) => JSON.parse(readFileSync(path.join(PREVIOUS, name), 'utf8'));

export type PreviousSentences = {
  reasons: { status: ExitStatus; counted: boolean; sentence: string }[];
  problems: { code: string; count: number; sentence: string }[];
};
export const previousSentences = (): PreviousSentences => read('sentences.json');

/** Halves of a report. */
export const previousPortalReport = (): { body: string; own: string } => read('portal-report.json');

/** A request of the agent, as if it were sent now: a portal refuses old records. */
export function previousRequest(nowMs: number): OtlpLogsRequest {
  const request: OtlpLogsRequest = read('wire.json');
  for (const record of recordsOf(request)) {
    record.timeUnixNano = `${BigInt(nowMs) * 1_000_000n}`;
    record.observedTimeUnixNano = record.timeUnixNano;
  }
  return request;
}

export function recordsOf({ resourceLogs }: OtlpLogsRequest): OtlpLogRecord[] {
  return resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));
}

import type { RedactedReport } from '../../model/redacted-report.ts';
import type { PrintedFacts } from '../group-crash.ts';
import { coreHandler } from './core-handler.ts';

/**
 * What the handler of this host knows of a captured fatal signal: its stack, not its fault. Crashes that only the handler has are
 * in one group with it. null without a handler: then crashes are distinguished by their faults alone.
 */
export function asSystemCore(captured: RedactedReport): PrintedFacts | null {
  return captured.fault === null || coreHandler() === null ? null : { ...captured, fault: null };
}

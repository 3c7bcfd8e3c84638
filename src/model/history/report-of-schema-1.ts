import type { Frame } from '../frame.ts';
import type { RedactedException, RedactedReport } from '../redacted-report.ts';
import type { RuntimeVersion } from '../runtime.ts';
import { sentenceOfProblem } from './problem-sentences.ts';

/**
 * HISTORY: a report for portals of version 0.1, which refuse any other schema and drop fields that they do not know. It
 * also has the fields of schema 3, for portals that know them.
 */
export function reportOfSchema1(report: RedactedReport): object {
  const problems = report.problems.flatMap((problem) => sentenceOfProblem(problem) ?? []);
  return {
    ...report,
    schemaVersion: 1,
    frames: report.frames.map(knownTrust),
    causes: report.causes.map(knownTrusts),
    members: report.members.map(knownTrusts),
    otherThreads: report.otherThreads.map((threads) => ({
      ...threads,
      frames: threads.frames.map(knownTrust),
    })),
    nodeVersion: nodeVersionOf(report.runtime),
    problems,
  };
}

/** `v24.1.0`; null for other runtimes. Of webhooks too. */
export function nodeVersionOf(runtime: RuntimeVersion | null): string | null {
  return runtime?.name === 'node' && runtime.version !== null ? `v${runtime.version}` : null;
}

function knownTrusts(exception: RedactedException): RedactedException {
  const { frames, members } = exception;
  return { ...exception, frames: frames.map(knownTrust), members: members.map(knownTrusts) };
}

/** Neither is verified; newer portals read `printed`. */
function knownTrust(frame: Frame): Frame & { printed?: true } {
  return frame.trust === 'printed' ? { ...frame, trust: 'sender-text', printed: true } : frame;
}

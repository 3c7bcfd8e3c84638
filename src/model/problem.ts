import { codeToken, MAX_COUNT, type UnknownCode } from './coded.ts';

/** What can go wrong while a report is made. `explain/problem-words.ts` has the words. */
const PLAIN_PROBLEMS = [
  'no-record',
  'not-armed',
  'records-stale',
  'record-not-the-cause',
  'no-frames',
  'printed-no-calls',
  'printed-unread',
  'jvm-omits-stack',
  'thrown-no-error',
  'throw-site-unconfirmed',
  'symbols-failed',
  'dump-lost',
  'dump-failed',
  'dump-cut',
  'dump-no-stack',
  'dump-stack-cut',
  'dump-libraries-damaged',
  'unwind-no-tool',
  'unwind-timed-out',
  'unwind-failed',
  'type-withheld',
  'code-withheld',
  'analysis-failed',
  'analysis-timed-out',
  'too-many-crashes',
  'private-log-failed',
  'more-in-log',
  /** A problem that could not be read. */
  'withheld',
] as const;
/** The count is of records, frames, threads, files or names. */
const COUNTED_PROBLEMS = [
  'record-damaged',
  'text-frames-dropped',
  'printed-calls-refuted',
  'printed-calls-ambiguous',
  'printed-calls-unchecked',
  'frames-cut',
  'lines-transpiled',
  'lines-changed',
  'lines-other-source',
  'source-map-missing',
  'source-map-damaged',
  'source-map-too-big',
  'source-map-remote',
  'threads-missing',
  'threads-cut',
  'unwind-cut',
  'unwind-incomplete',
  'names-withheld',
] as const;
export const PROBLEM_CODES = [...PLAIN_PROBLEMS, ...COUNTED_PROBLEMS] as const;

export type PlainProblem = (typeof PLAIN_PROBLEMS)[number];
export type CountedProblem = (typeof COUNTED_PROBLEMS)[number];
export type ProblemCode = PlainProblem | CountedProblem;
export type Problem = { readonly code: ProblemCode | UnknownCode; readonly count?: number };

const CODES: ReadonlySet<string> = new Set(PROBLEM_CODES);

export function isProblemCode(code: string): code is ProblemCode {
  return CODES.has(code);
}

export function problem(code: PlainProblem): Problem;
export function problem(code: CountedProblem, count: number): Problem;
export function problem(code: ProblemCode, count?: number): Problem {
  return count === undefined ? { code } : { code, count: Math.min(count, MAX_COUNT) };
}

/** Equal ones once. */
export function withoutRepeats(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((each) => [codeToken(each), each])).values()];
}

import { plural } from '../formats/quantity-words.ts';
import type { CrashFacts } from '../model/crash-facts.ts';
import type { ThreadStack } from '../model/crash-report.ts';
import type { Frame } from '../model/frame.ts';
import type { RedactedException } from '../model/redacted-report.ts';
import { thrownWords } from './cause-words.ts';

/** A stack under its heading, with the stacks of its members. Names in it are unescaped. */
export type StackSection = {
  readonly heading: string;
  readonly frames: readonly Frame[];
  readonly nested: readonly StackSection[];
};

/** The other exceptions of a crash: what the app's handler threw, members, causes. */
export function exceptionSections(
  report: Pick<CrashFacts, 'causes' | 'members' | 'runtime'> & {
    readonly handlerFailure?: RedactedException;
  },
): StackSection[] {
  const { handlerFailure, members = [], causes = [], runtime } = report;
  // Java has no groups: what was thrown while the exception was on its way was added to it.
  const name = runtime?.name === 'java' ? 'Suppressed' : 'Error';
  const section = (heading: string, exception: RedactedException): StackSection => ({
    heading: `${heading}: ${thrownWords(exception) ?? 'unknown exception'}`,
    frames: exception.frames,
    nested: sections(exception.members),
  });
  const sections = (list: readonly RedactedException[]) =>
    list.map((member, at) => section(`${name} ${at + 1} of ${list.length}`, member));
  return [
    ...(handlerFailure === undefined
      ? []
      : [section("The app's uncaughtException handler then threw", handlerFailure)]),
    ...sections(members),
    ...causes.map((cause) => section('Caused by', cause)),
  ];
}

/** `7 other threads` */
export function otherThreadsWords(groups: readonly ThreadStack[]): string {
  return plural(
    groups.reduce((sum, { count }) => sum + count, 0),
    'other thread',
  );
}

/** The stacks of the other threads, each distinct one once. */
export function threadSections(groups: readonly ThreadStack[]): StackSection[] {
  return groups.map(({ count, frames }) => ({
    heading: count === 1 ? '1 thread' : `${plural(count, 'thread')} with this stack`,
    frames,
    nested: [],
  }));
}

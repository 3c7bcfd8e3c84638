import { exitWords } from '../../explain/exit-words.ts';
import { nearestPlace } from '../../explain/nearest-place.ts';
import { nextSteps } from '../../explain/next-steps.ts';
import { sourceWords } from '../../explain/source-words.ts';
import { exceptionSections } from '../../explain/stack-sections.ts';
import { grouped, plural } from '../../formats/quantity-words.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import type { CrashNotification } from '../notification.ts';
import { crashFacts, exceptionOf } from './crash-cause.ts';
import type { AdviceSection, Fact, StackSection } from './message.ts';
import { noStack } from './no-stack.ts';
import { linkable, oneLine, oneLineEnd } from './one-line.ts';
import { instant, nameList } from './quantities.ts';
import { stackView } from './stack-view.ts';
import { whatHappened } from './what-happened.ts';

const MAX_LINES = 20;
const MAX_LINES_OF_CAUSE = 5;
const MAX_CAUSES = 3;
const MAX_MEMBERS = 2;
const MAX_KNOWN_CAUSES = 3;
const MAX_STEPS = 5;

type CrashParts = {
  paragraphs: string[];
  facts: Fact[];
  stacks: StackSection[];
  noStack: string | null;
  advice: AdviceSection[];
};

export function crashMessage(notification: CrashNotification): CrashParts {
  // An earlier notification had the stack.
  const isKnown = notification.kind === 'recovered' && notification.stackIsNew !== true;
  return {
    paragraphs: whatHappened(notification),
    facts: factsOf(notification),
    stacks: isKnown || notification.report === null ? [] : stacksOf(notification.report),
    noStack: noStack(notification),
    advice: isKnown ? [] : adviceOf(notification),
  };
}

function factsOf(notification: CrashNotification): Fact[] {
  const { crashes, instances, version, exitStatus, openedAtMs, lastCrashAtMs, timeZone } = notification;
  const exception = exceptionOf(notification);
  const place = nearestPlace(crashFacts(notification));
  const isOver = notification.kind === 'recovered';
  const { report } = notification;
  const source = isOver || report === null ? null : sourceWords(report);
  const facts: (Fact | null)[] = [
    { label: 'Crash', value: oneLine(notification.title, 160) },
    isOver || exception === null ? null : { label: 'Exception', value: exception },
    isOver || exitStatus === null ? null : { label: 'Ended by', value: oneLine(exitWords(exitStatus), 40) },
    isOver || place === null ? null : { label: 'Your code', value: oneLineEnd(place, 120) },
    { label: 'Crashes', value: `${grouped(crashes)} on ${whereWords(notification)}` },
    instances.count < 2 || instances.names.length === 0
      ? null
      : { label: 'Instances', value: nameList(instances.names, instances.count, 5) },
    version === null ? null : { label: 'Version', value: oneLine(version, 60) },
    source === null ? null : { label: 'Source', value: oneLine(source, 160) },
    { label: 'First seen', value: instant(openedAtMs, timeZone) },
    crashes === 1 ? null : { label: 'Last seen', value: instant(lastCrashAtMs, timeZone) },
    linkable(notification.pageUrl) === null ? { label: 'Details', value: moreWords(notification) } : null,
  ];
  return facts.filter((fact) => fact !== null).filter(({ value }) => value !== '');
}

/** Without a portal the details are on the instance. */
function moreWords({ report, app, instances }: CrashNotification): string {
  const instance = report?.instance ?? instances.names[0];
  const on = instance === undefined ? '' : `, on ${oneLine(instance, 60)}`;
  return report === null
    ? `crashmon crashes ${oneLine(app, 60)}${on}`
    : `crashmon show ${oneLine(report.id, 40)}${on}`;
}

function whereWords({ instances: { count: total, names } }: CrashNotification): string {
  return total === 1 && names.length === 1 ? nameList(names, 1) : plural(total, 'instance');
}

function stacksOf(report: RedactedReport): StackSection[] {
  const { frames, causes, members } = report;
  const sections = [
    { heading: 'Call stack of the crash', lines: stackView(frames, MAX_LINES) },
    ...exceptionSections({
      ...report,
      causes: causes.slice(0, MAX_CAUSES),
      members: members.slice(0, MAX_MEMBERS),
    }).map((section) => ({
      heading: oneLine(section.heading, 120),
      lines: stackView(section.frames, MAX_LINES_OF_CAUSE),
    })),
  ];
  return sections.filter(({ lines }, at) => at > 0 || lines.length > 0);
}

function adviceOf(notification: CrashNotification): AdviceSection[] {
  const { knownCauses, advice } = nextSteps(crashFacts(notification));
  const known = knownCauses.slice(0, MAX_KNOWN_CAUSES).map(({ title, meaning, steps, link }) => ({
    heading: `Known cause: ${title}`,
    text: meaning,
    steps: steps.slice(0, MAX_STEPS),
    url: link,
  }));
  if (known.length > 0) return known;
  return advice === null ? [] : [{ heading: 'Next step', text: advice, steps: [], url: null }];
}

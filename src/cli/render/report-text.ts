import { frameLegend } from '../../explain/frame-words.ts';
import { headline } from '../../explain/headline.ts';
import { whyNoFrames } from '../../explain/no-stack.ts';
import { problemWords } from '../../explain/problem-words.ts';
import { reportFacts } from '../../explain/report-facts.ts';
import { sourceWords } from '../../explain/source-words.ts';
import { exceptionSections } from '../../explain/stack-sections.ts';
import { formatDuration } from '../../formats/duration.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import type { CliContext } from '../context.ts';
import type { Hint } from '../hint.ts';
import { type StoredCrash, uptimeMs } from '../journals/stored-crash.ts';
import { colorsFor } from './colors.ts';
import { judgment } from './crash-table.ts';
import { bullet, wrap } from './layout.ts';
import { memoryLines } from './memory-lines.ts';
import { line } from './safe-text.ts';
import { type StackOptions, sectionLines, shownFrames, stackLines } from './stack-lines.ts';
import { threadLines } from './thread-lines.ts';
import { ago, localTime } from './times.ts';

const LABEL_WIDTH = 'capture pause'.length;

/** A report as text: headline, facts, call stacks, problems. */
export function reportText(
  report: RedactedReport,
  crash: StoredCrash,
  { all = false, threads = false }: { all?: boolean; threads?: boolean },
  hint: Hint,
  context: CliContext,
): string {
  const colors = colorsFor(context.env, context.isTTY);
  const { columns } = context;
  const stack: StackOptions = { all, colors, columns, indent: '' };
  const lines = [
    colors.bold(colors.red(line(headline(report.app, { ...report, status: crash.status })))),
    '',
    ...facts(report, crash, context),
    '',
    ...(report.frames.length === 0
      ? [whyNoFrames(report)]
      : ['Call stack, innermost first (> is your own code):', ...stackLines(report.frames, stack)]),
    ...memoryLines(report.memory, colors, columns),
    ...sectionLines(exceptionSections(report), { ...stack, indent: '  ' }),
    ...threadLines(report, threads, hint, stack),
    ...legendLines(report, threads, stack),
  ];
  if (report.problems.length > 0) {
    lines.push('', colors.yellow('Problems:'));
    for (const problem of report.problems) lines.push(bullet(problemWords(problem), columns));
  }
  return `${lines.join('\n')}\n`;
}

/** Explains the notes on the frames that are shown. */
function legendLines(report: RedactedReport, threads: boolean, options: StackOptions): string[] {
  const others = threads ? report.otherThreads : [];
  const frames = [
    ...shownFrames(report.frames, options),
    ...others.flatMap((group) => shownFrames(group.frames, options)),
  ];
  const legend = frameLegend(frames).map(({ short, long }) =>
    wrap(`(${short}): ${long}`, { indent: '    ', columns: options.columns }).replace('    ', '  '),
  );
  return legend.length === 0 ? [] : ['', ...legend.map((text) => options.colors.dim(text))];
}

function facts(report: RedactedReport, crash: StoredCrash, context: CliContext): string[] {
  const now = context.now();
  const diedMs = crash.diedAt.wallMs;
  const time = `${ago(crash.diedAt, now)} (${localTime(diedMs, context, now.wallMs)})`;
  const pause = report.hold.ms > 0 ? formatDuration(report.hold.ms) : null;
  const rows: [string, string | null][] = [
    ['Crash', `${line(report.id)} on ${line(report.instance)}`],
    ['Time', time],
    ['Uptime', formatDuration(uptimeMs(crash))],
    ['Verdict', judgment(crash)],
    ...reportFacts({ ...report, status: crash.status }).map(({ label, value }): [string, string] => [
      label,
      line(value),
    ]),
    ['Source', sourceWords(report)],
    ['Capture pause', pause],
  ];
  return rows.flatMap(([name, value]) => {
    if (value === null) return [];
    const text = wrap(value, { indent: ' '.repeat(LABEL_WIDTH + 4), columns: context.columns });
    return [`  ${name.padEnd(LABEL_WIDTH)}  ${text.trimStart()}`];
  });
}

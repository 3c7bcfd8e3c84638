import { rawStack } from '../../explain/frame-words.ts';
import { whyNoFrames } from '../../explain/no-stack.ts';
import { problemWords } from '../../explain/problem-words.ts';
import { sourceWords } from '../../explain/source-words.ts';
import {
  exceptionSections,
  otherThreadsWords,
  type StackSection,
  threadSections,
} from '../../explain/stack-sections.ts';
import { type Html, html } from '../../formats/html.ts';
import type { ThreadStack } from '../../model/crash-report.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import { memoryView } from './memory-view.ts';
import { stackView } from './stack-view.ts';
import { codeText } from './user-text.ts';

/**
 * All stacks of a report: the crashing thread's, causes, members, other threads; and problems.
 * `heading` and `title` also begin the plain text for copying.
 */
export function reportView(
  report: RedactedReport,
  { heading, title }: { heading: string; title: string },
): Html {
  const { frames, otherThreads, problems } = report;
  const isText = report.source === 'last-words';
  return html`${frames.length === 0 ? noFramesView(report, heading) : mainStackView(report, heading, title)}
${memoryView(report.memory)}
${exceptionSections(report).map((section) => exceptionView(section, 0, isText))}
${threadsView(otherThreads)}
${
  problems.length > 0 &&
  html`<section class="unknowns"><h3>Problems</h3><ul>${problems.map((problem) => html`<li>${problemWords(problem)}</li>`)}</ul></section>`
}`;
}

function mainStackView(report: RedactedReport, heading: string, title: string): Html {
  const { frames } = report;
  const hasOwn = frames.some(({ inApp }) => inApp);
  return html`<div class="stack-card card">
<div class="stack-head"><div><h3>${codeText(heading)}</h3><p class="small soft">Innermost first.${hasOwn ? html` <span class="own-sign">Bold</span> is your code.` : ' No frame is in your code.'}${sourceView(report)}</p></div>
<button type="button" class="quiet small" data-copy="raw-stack" hidden>Copy</button></div>
${stackView(frames, report.source === 'last-words')}
<details class="more raw"><summary>As plain text</summary><pre id="raw-stack" tabindex="0">${rawStack(`${title}\n${heading}`, frames)}</pre></details>
</div>`;
}

function noFramesView(report: RedactedReport, heading: string): Html {
  return html`<div class="card no-stack"><h3>${codeText(heading)}: no call stack</h3>
<p>${whyNoFrames(report)}${sourceView(report)}</p></div>`;
}

function sourceView(report: RedactedReport): Html | null {
  const source = sourceWords(report);
  return source === null ? null : html` From ${source}.`;
}

/** Nested as deep as reports go; deeper members are left to the API. */
function exceptionView({ heading, frames, nested }: StackSection, depth: number, isText: boolean): Html {
  return html`<details class="card fold"${depth === 0 && html` open`}><summary><h3>${codeText(heading)}</h3></summary>
${stackView(frames, isText)}
${depth < 3 && nested.map((section) => exceptionView(section, depth + 1, isText))}
</details>
`;
}

function threadsView(groups: readonly ThreadStack[]): Html | null {
  if (groups.length === 0) return null;
  return html`<details class="card fold"><summary><h3>${otherThreadsWords(groups)}</h3></summary>
${threadSections(groups).map(
  ({ heading, frames }) => html`<h4 class="thread">${heading}</h4>
${stackView(frames)}
`,
)}</details>`;
}

import { type Html, html } from '../../formats/html.ts';
import { plural } from '../../formats/quantity-words.ts';
import type { ThreadStack } from '../../model/crash-report.ts';
import type { RedactedException, RedactedReport } from '../../model/redacted-report.ts';
import { rawStack } from '../insight/frame-words.ts';
import { stackView } from './stack-view.ts';

/**
 * Everything a report tells of stacks: the crashing thread's, causes, members, other threads, and what is not known.
 * `heading` and `title` also begin the plain text that people copy.
 */
export function reportView(
  report: RedactedReport,
  { heading, title }: { heading: string; title: string },
): Html {
  const { frames, handlerFailure, causes, members, otherThreads, problems } = report;
  const raw = rawStack(`${title}\n${heading}`, frames);
  const hasOwn = frames.some(({ inApp }) => inApp);
  return html`<div class="stack-card card">
<div class="stack-head"><div><h3><bdi>${heading}</bdi></h3><p class="small soft">Innermost first.${hasOwn ? html` <span class="own-sign">Bold</span> is the app’s own code.` : ' None of it is the app’s own code.'}</p></div>
<button type="button" class="quiet small" data-copy="raw-stack" hidden>Copy</button></div>
${stackView(frames)}
<details class="more raw"><summary>As plain text</summary><pre id="raw-stack" tabindex="0">${raw}</pre></details>
</div>
${handlerFailure !== undefined && exceptionView('Then the app’s own handler threw', handlerFailure, 0)}
${members.map((member, at) => exceptionView(`Member ${at + 1} of the aggregate`, member, 0))}
${causes.map((cause) => exceptionView('Caused by', cause, 0))}
${threadsView(otherThreads)}
${
  problems.length > 0 &&
  html`<section class="unknowns"><h3>What is not known</h3><ul>${problems.map((problem) => html`<li>${problem}</li>`)}</ul></section>`
}`;
}

/** Nested as deep as reports go; deeper members are left to the API. */
function exceptionView(heading: string, exception: RedactedException, depth: number): Html {
  const { exceptionType, code, frames, members } = exception;
  return html`<details class="card fold"${depth === 0 && html` open`}><summary><h3>${heading}: <bdi>${exceptionType ?? 'a thrown value'}</bdi>${
    code !== null && html` <code>${code}</code>`
  }</h3></summary>
${stackView(frames)}
${depth < 3 && members.map((member, at) => exceptionView(`Member ${at + 1}`, member, depth + 1))}
</details>
`;
}

function threadsView(groups: readonly ThreadStack[]): Html | null {
  if (groups.length === 0) return null;
  const total = groups.reduce((sum, { count }) => sum + count, 0);
  return html`<details class="card fold"><summary><h3>${plural(total, 'other thread')}</h3></summary>
${groups.map(
  ({
    count,
    frames,
  }) => html`<h4 class="thread">${count === 1 ? '1 thread' : `${plural(count, 'thread')} like this`}</h4>
${stackView(frames)}
`,
)}</details>`;
}

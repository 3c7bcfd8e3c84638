import { foldStack } from '../../explain/fold-stack.ts';
import { FROM_TEXT, frameLegend, frameWords } from '../../explain/frame-words.ts';
import { type Html, html } from '../../formats/html.ts';
import type { Frame } from '../../model/frame.ts';
import { codeText } from './user-text.ts';

/**
 * A call stack, innermost first: the app's frames stand out, runs of others are folded.
 * @param isText the heading says that all of it is from text, so no frame has to
 */
export function stackView(frames: readonly Frame[], isText = false): Html {
  if (frames.length === 0) return html`<p class="soft">No call stack.</p>`;
  const isSaid = (note: string) => isText && note === FROM_TEXT;
  const legend = frameLegend(frames).filter(({ short }) => !isSaid(short));
  const withBuild = firstOfImages(frames);
  const item = (frame: Frame, at: number) => frameItem(frame, at, withBuild.has(frame), isSaid);
  return html`<ol class="stack">
${foldStack(frames).map((part) =>
  part.type === 'frame'
    ? item(part.frame, part.at)
    : html`<li class="run"><details><summary><bdi>${part.text}</bdi></summary>
<ol class="stack">${part.frames.map((frame, index) => item(frame, part.at + index))}</ol></details></li>
`,
)}</ol>
${legend.length > 0 && html`<ul class="stack-legend">${legend.map(({ short, long }) => html`<li><span class="trust">${short}</span> ${long}</li>`)}</ul>`}`;
}

/** Where build IDs stand: once for each image; the plain text has all. */
function firstOfImages(frames: readonly Frame[]): Set<Frame> {
  const firsts = new Map<string, Frame>();
  for (const frame of frames) {
    const image = frame.native?.image ?? null;
    if (image !== null && !firsts.has(image)) firsts.set(image, frame);
  }
  return new Set(firsts.values());
}

function frameItem(frame: Frame, at: number, withBuild: boolean, isSaid: (note: string) => boolean): Html {
  const { inApp, native } = frame;
  const { name, place, origin, times, notes } = frameWords(frame);
  return html`<li class="${inApp ? 'frame own' : 'frame'}" value="${at}"><span class="fn">${codeText(name)}${
    times !== '' && html` <b class="times">${times}</b>`
  }</span> <span class="at">${codeText(place)}${
    origin.length > 0 && html` <span class="owner"><bdi>${origin.join(', ')}</bdi></span>`
  }${notes.filter((note) => !isSaid(note)).map((note) => html` <span class="trust">${note}</span>`)}${
    native !== undefined &&
    buildOf(native.image, native.offset, withBuild ? native.buildId : null, frame.file !== null)
  }</span></li>
`;
}

/** What finds the frame's symbols elsewhere. */
function buildOf(
  image: string | null,
  offset: string | null,
  buildId: string | null,
  hasSource: boolean,
): Html | null {
  // With a source the image is shown beside it.
  const place = hasSource && image !== null && offset !== null ? `+${offset}` : null;
  const parts = [place, buildId === null ? null : `build ${buildId}`].filter((part) => part !== null);
  return parts.length === 0 ? null : html` <span class="build"><bdi>${parts.join(' · ')}</bdi></span>`;
}

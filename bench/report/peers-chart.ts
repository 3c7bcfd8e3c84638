import type { PeerResult } from './keep-peers.ts';

const WIDTH = 760;
const HEIGHT = 430;
const PLOT = { left: 62, right: 560, top: 56, bottom: 372 } as const;
const Y_TICKS: readonly (readonly [number, string])[] = [
  [1, '1 ms'],
  [10, '10 ms'],
  [100, '100 ms'],
  [1_000, '1 s'],
  [10_000, '10 s'],
  [100_000, '100 s'],
];
/** Okabe and Ito's, which differ for every kind of color vision; each line also has a mark of its own and its name. */
const COLORS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#d55e00', '#7a7a7a'] as const;
const MARKS: readonly ((x: number, y: number) => string)[] = [
  (x, y) => `M${x - 5} ${y}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z`,
  (x, y) => `M${x - 4.5} ${y - 4.5}h9v9h-9z`,
  (x, y) => `M${x} ${y - 5.5}l5.5 9.5h-11z`,
  (x, y) => `M${x} ${y - 6}l6 6l-6 6l-6 -6z`,
  (x, y) => `M${x} ${y + 5.5}l5.5 -9.5h-11z`,
  (x, y) => `M${x - 5} ${y - 2}h3v-3h4v3h3v4h-3v3h-4v-3h-3z`,
];
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1d1b19 }
  .title { font-size: 16px; font-weight: 600 }
  .soft { fill: #5d5750 }
  .grid { stroke: #e3ded5 }
  .paper { fill: #faf8f5 }
  .ours { font-weight: 700 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0ece6 }
    .soft { fill: #b3aba1 }
    .grid { stroke: #3a3632 }
    .paper { fill: #1b1917 }
  }`;
const LABEL_GAP = 18;

/**
 * The stored result as a picture: time against memory, both logarithmic.
 * @returns an SVG document, light or dark as its reader has it
 */
export function peersChart({ date, processor, rows }: PeerResult): string {
  const sizes = [...new Set(rows.map(({ megabytes }) => megabytes))].toSorted((a, b) => a - b);
  const names = [...new Set(rows.map(({ name }) => name))];
  const x = scale(sizes[0] ?? 1, sizes.at(-1) ?? 10, [PLOT.left + 12, PLOT.right - 12]);
  const y = scale(1, 100_000, [PLOT.bottom, PLOT.top]);
  const lines = names.map((name, index) => {
    const points = rows
      .filter((row) => row.name === name)
      .toSorted((a, b) => a.megabytes - b.megabytes)
      // What is lost in noise is below the lowest line that a logarithm has.
      .map(({ megabytes, addedMs }) => [x(megabytes), y(Math.max(1, addedMs))] as const);
    return { name, points, color: COLORS[index % COLORS.length] ?? '', mark: MARKS[index % MARKS.length] };
  });
  const labels = spread(lines.map(({ points }) => points.at(-1)?.[1] ?? 0));
  const parts = [
    `<rect class="paper" width="${WIDTH}" height="${HEIGHT}" rx="8"/>`,
    '<text class="title" x="20" y="28">What learning why a Node.js worker died adds to its restart</text>',
    ...Y_TICKS.map(
      ([value, label]) =>
        `<path class="grid" d="M${PLOT.left} ${round(y(value))}H${PLOT.right}"/><text class="soft" x="${PLOT.left - 8}" y="${round(y(value) + 4)}" text-anchor="end">${label}</text>`,
    ),
    ...sizes.map(
      (megabytes) =>
        `<text class="soft" x="${round(x(megabytes))}" y="${PLOT.bottom + 22}" text-anchor="middle">${sizeLabel(megabytes)}</text>`,
    ),
    ...lines.flatMap(({ name, points, color, mark }, index) => {
      const path = points.map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${round(px)} ${round(py)}`).join('');
      const width = name === 'crashmon' ? 3 : 2;
      return [
        `<path d="${path}" fill="none" stroke="${color}" stroke-width="${width}"/>`,
        `<path d="${points.map(([px, py]) => mark?.(round(px), round(py)) ?? '').join('')}" fill="${color}"/>`,
        `<text${name === 'crashmon' ? ' class="ours"' : ''} x="${PLOT.right + 8}" y="${round((labels[index] ?? 0) + 4)}">${escaped(name)}</text>`,
      ];
    }),
    `<text class="soft" x="20" y="${HEIGHT - 14}">Memory of the worker. Medians of one run, ${date}, ${escaped(processor)}; both axes logarithmic.</text>`,
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(summary(rows))}"><style>${STYLE}\n</style>${parts.join('\n')}</svg>\n`;
}

function summary(rows: PeerResult['rows']): string {
  const largest = Math.max(...rows.map(({ megabytes }) => megabytes));
  const at = rows
    .filter(({ megabytes }) => megabytes === largest)
    .map(({ name, addedMs }) => `${name} ${Math.round(addedMs)} ms`);
  return `Added to the restart of a worker with ${sizeLabel(largest)}: ${at.join(', ')}`;
}

function scale(from: number, to: number, [start, end]: readonly [number, number]): (value: number) => number {
  const part = (value: number) => Math.log(value / from) / Math.log(to / from);
  return (value) => start + part(value) * (end - start);
}

/** Labels of lines that end close together, moved apart; in the order of the lines. */
function spread(places: readonly number[]): number[] {
  const result = [...places];
  const order = places.map((_, index) => index).toSorted((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  let least = Number.NEGATIVE_INFINITY;
  for (const index of order) {
    result[index] = Math.max(result[index] ?? 0, least);
    least = (result[index] ?? 0) + LABEL_GAP;
  }
  // The last one may not leave the plot: from below, all move up again.
  let most = PLOT.bottom;
  for (const index of order.toReversed()) {
    result[index] = Math.min(result[index] ?? 0, most);
    most = (result[index] ?? 0) - LABEL_GAP;
  }
  return result;
}

function sizeLabel(megabytes: number): string {
  return megabytes >= 1000 ? `${megabytes / 1000} GB` : `${megabytes} MB`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
}

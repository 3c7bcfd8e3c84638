import uPlot from './uPlot.esm.js';

/** @typedef {{ from: number, bucket: number, titles: string[], colors: string[], counts: number[][], deploys: number[] }} Numbers */

/**
 * Draws the numbers of the timeline's table as a chart that answers to the pointer, in place of the server's picture.
 * @param {Document} page
 */
export function timelineChart(page) {
  const figure = page.getElementById('timeline');
  const plot = figure?.querySelector('.plot');
  if (figure === null || !(plot instanceof HTMLElement) || plot.querySelector('[data-added]') !== null)
    return;
  const read = () => readNumbers(figure);
  if (read() === null) return;
  const layer = addLayer(plot, 'plot-layer');
  const tip = addLayer(plot, 'plot-tip card');
  tip.hidden = true;
  const shown = { numbers: /** @type {Numbers} */ (read()) };
  const chart = new uPlot(options(plot, tip, shown), stacked(shown.numbers), layer);
  const over = new AbortController();
  const resized = new ResizeObserver(() => chart.setSize(sizeOf(plot)));
  resized.observe(plot);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', () => chart.redraw(true, true), { signal: over.signal });
  // Its own layers are not watched: they change with every move of the pointer.
  const changed = new MutationObserver(() => {
    const numbers = read();
    if (numbers === null || JSON.stringify(numbers) === JSON.stringify(shown.numbers)) return;
    const isSame = numbers.titles.join() === shown.numbers.titles.join();
    shown.numbers = numbers;
    if (isSame) chart.setData(stacked(numbers));
    else {
      over.abort();
      resized.disconnect();
      changed.disconnect();
      chart.destroy();
      layer.remove();
      tip.remove();
      timelineChart(page);
    }
  });
  changed.observe(figure.querySelector('.more') ?? figure, {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: ['data-from', 'data-deploys'],
  });
}

/**
 * @param {HTMLElement} plot
 * @param {string} className
 */
function addLayer(plot, className) {
  const layer = document.createElement('div');
  layer.className = className;
  layer.setAttribute('data-added', '');
  layer.setAttribute('aria-hidden', 'true');
  plot.append(layer);
  return layer;
}

/**
 * @param {HTMLElement} figure
 * @returns {Numbers | null}
 */
function readNumbers(figure) {
  const table = figure.querySelector('table[data-from]');
  if (!(table instanceof HTMLTableElement)) return null;
  const { from, bucket, buckets } = table.dataset;
  const titles = [...table.querySelectorAll('thead th')].slice(1).map((cell) => cell.textContent ?? '');
  const counts = titles.map(() => new Array(Number(buckets)).fill(0));
  for (const row of table.querySelectorAll('tbody tr')) {
    const at = (Number(row.getAttribute('data-at')) - Number(from)) / Number(bucket);
    [...row.querySelectorAll('td')].forEach((cell, series) => {
      const column = counts[series];
      if (column !== undefined && at in column)
        column[at] = Number((cell.textContent ?? '').replaceAll(',', ''));
    });
  }
  const colors = [...figure.querySelectorAll('.legend rect')].map(
    (rect) => rect.getAttribute('class') ?? 's0',
  );
  const deploys = (table.dataset.deploys ?? '').split(' ').filter(Boolean).map(Number);
  return { from: Number(from), bucket: Number(bucket), titles, colors, counts, deploys };
}

/** Each series holds what is below it as well, so that the highest is drawn first and the others over it; of nothing no bar.
 * @param {Numbers} numbers */
function stacked({ from, bucket, counts }) {
  const length = counts[0]?.length ?? 0;
  const times = Array.from({ length }, (_, at) => (from + at * bucket) / 1000);
  const below = new Array(length).fill(0);
  const sums = counts.map((column) => column.map((count, at) => (below[at] += count)));
  return [times, ...sums.map((column) => column.map((sum) => (sum === 0 ? null : sum))).reverse()];
}

/** @param {HTMLElement} plot */
function sizeOf(plot) {
  return { width: plot.clientWidth, height: plot.clientHeight };
}

/** @param {string} name */
function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/**
 * @param {HTMLElement} plot
 * @param {HTMLElement} tip
 * @param {{ numbers: Numbers }} shown
 */
function options(plot, tip, shown) {
  const font = `12px ${color('--sans')}`;
  const axis = { font, stroke: () => color('--soft'), ticks: { show: false } };
  const grid = { stroke: () => color('--line'), width: 1 };
  const bars = uPlot.paths.bars({ size: [0.84, 40], align: 1 });
  const { bucket } = shown.numbers;
  return {
    ...sizeOf(plot),
    tzDate: (/** @type {number} */ seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    legend: { show: false },
    padding: [14, 20, 0, 0],
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false } },
    scales: {
      x: {
        range: (/** @type {unknown} */ _, /** @type {number} */ min, /** @type {number} */ max) => [
          min,
          Math.max(max, min) + (max + bucket / 1000 >= lastEnd(shown) ? bucket / 1000 : 0),
        ],
      },
      y: {
        range: (/** @type {unknown} */ _, /** @type {number} */ __, /** @type {number} */ max) => [
          0,
          Math.max(1, max) * 1.05,
        ],
      },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 26, splits: axisMoments, values: dateLabels },
      {
        ...axis,
        grid,
        size: 34,
        gap: 6,
        space: 44,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000, 100000],
      },
    ],
    series: [
      {},
      ...shown.numbers.titles.map((_, at) => ({
        paths: bars,
        points: { show: false },
        width: 1,
        stroke: () => color('--surface'),
        fill: () => color(`--${shown.numbers.colors[shown.numbers.titles.length - 1 - at]}`),
      })),
    ],
    hooks: {
      draw: [(/** @type {any} */ chart) => drawDeploys(chart, shown.numbers)],
      setCursor: [(/** @type {any} */ chart) => showTip(chart, tip, shown.numbers, plot)],
    },
  };
}

/** @param {{ numbers: Numbers }} shown */
function lastEnd({ numbers: { from, bucket, counts } }) {
  return (from + bucket * (counts[0]?.length ?? 0)) / 1000;
}

const HOUR_S = 3600;
const STEPS_S = [1, 3, 6, 12, 24, 48, 72, 96, 168, 336, 504, 672].map((hours) => hours * HOUR_S);
/** Room for a label, in pixels. */
const LABEL = 76;

/**
 * Moments that people think in, as many as have room for their labels; none so near an end that its label is cut off.
 * @param {any} chart
 * @param {number} _
 * @param {number} min seconds
 * @param {number} max
 */
function axisMoments(chart, _, min, max) {
  const width = chart.bbox.width / devicePixelRatio;
  const most = Math.max(2, Math.floor(width / LABEL));
  const step = STEPS_S.find((each) => (max - min) / each <= most) ?? 672 * HOUR_S;
  const margin = ((max - min) / width) * 16;
  const moments = [];
  for (let at = Math.ceil((min + margin) / step) * step; at <= max - margin; at += step) moments.push(at);
  return moments;
}

/**
 * @param {unknown} _
 * @param {number[]} splits seconds
 */
function dateLabels(_, splits) {
  return splits.map((seconds) => {
    const at = new Date(seconds * 1000);
    const time = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });
    return time === '00:00' ? dayText(at) : time;
  });
}

/** @param {Date} at */
function dayText(at) {
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
}

/**
 * @param {any} chart
 * @param {Numbers} numbers
 */
function drawDeploys(chart, { deploys }) {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.fillStyle = ctx.strokeStyle = color('--ink');
  ctx.lineWidth = devicePixelRatio;
  for (const at of deploys) {
    const x = Math.round(chart.valToPos(at / 1000, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const size = 4.5 * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(x - size, bbox.top);
    ctx.lineTo(x, bbox.top - 1.6 * size);
    ctx.lineTo(x + size, bbox.top);
    ctx.fill();
  }
  ctx.restore();
}

/**
 * @param {any} chart
 * @param {HTMLElement} tip
 * @param {Numbers} numbers
 * @param {HTMLElement} plot
 */
function showTip(chart, tip, { from, bucket, titles, colors, counts }, plot) {
  const left = chart.cursor.left ?? -1;
  const at = left < 0 ? -1 : Math.floor((chart.posToVal(left, 'x') * 1000 - from) / bucket);
  const rows = titles
    .map((title, series) => ({ title, color: colors[series], count: counts[series]?.[at] ?? 0 }))
    .filter(({ count }) => count > 0);
  tip.hidden = rows.length === 0;
  if (tip.hidden) return;
  const start = new Date(from + at * bucket);
  const heading = document.createElement('b');
  heading.textContent = `${dayText(start)}${bucket < 86_400_000 ? ` ${start.toISOString().slice(11, 16)} UTC` : ''}`;
  tip.replaceChildren(heading, ...rows.toReversed().map(tipRow));
  const x = left + chart.over.offsetLeft;
  const isRight = x > plot.clientWidth / 2;
  tip.style.left = isRight ? 'auto' : `${x + 14}px`;
  tip.style.right = isRight ? `${plot.clientWidth - x + 14}px` : 'auto';
}

/** @param {{ title: string, color: string | undefined, count: number }} row */
function tipRow({ title, color: name, count }) {
  const row = document.createElement('span');
  const sign = document.createElement('i');
  sign.className = `tip-${name}`;
  const number = document.createElement('b');
  number.textContent = count.toLocaleString('en-US');
  const words = document.createElement('bdi');
  words.textContent = title;
  row.append(sign, number, words);
  return row;
}

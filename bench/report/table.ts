import { type Finding, type Target, verdictOf } from './finding.ts';

export type MeasuredGroup = { name: string; about: string; findings: readonly Finding[] };

const HEADINGS = ['', 'target', 'measured', 'min – max', 'noise', 'verdict'] as const;

/** The findings as aligned text for a terminal. */
export function textTable(groups: readonly MeasuredGroup[]): string {
  const rows = groups.map(({ findings }) => findings.map(cells));
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.flat().map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('   ')
      .trimEnd();
  const blocks = groups.map(({ name, about }, index) =>
    [`${name}: ${about}`, line(HEADINGS), ...(rows[index] ?? []).map(line)].join('\n'),
  );
  return `${blocks.join('\n\n')}\n`;
}

export function markdownTable({ name, about, findings }: MeasuredGroup): string {
  const heading = `| ${['what', ...HEADINGS.slice(1)].join(' | ')} |`;
  const rows = findings.map((finding) => `| ${cells(finding).join(' | ')} |`);
  return [`## ${name}`, '', `${about}.`, '', heading, '|---|--:|--:|--:|--:|---|', ...rows].join('\n');
}

function cells(finding: Finding): string[] {
  const { what, unit, measured, noise, target } = finding;
  if ('cannotRun' in measured) return [what, '', '–', '', '', `cannot run here: ${measured.cannotRun}`];
  return [
    what,
    target === null ? '' : targetText(target, unit),
    `${number(measured.median, unit)} ${unit}`,
    `${number(measured.min, unit)} – ${number(measured.max, unit)}`,
    noise === null ? '' : `± ${number(noise, unit)}`,
    verdictOf(finding),
  ];
}

function targetText(target: Target, unit: Finding['unit']): string {
  return 'atLeast' in target ? `≥ ${target.atLeast} ${unit}` : `≤ ${target.atMost} ${unit}`;
}

function number(value: number, unit: Finding['unit']): string {
  if (unit === '×' && value >= 10) return value.toFixed(1);
  if (unit === '/s' || unit === 'B') return value.toFixed(0);
  return value.toFixed(unit === '×' || unit === '%' ? 3 : 1);
}

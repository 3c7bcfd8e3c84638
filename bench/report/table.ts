import { type Finding, type Target, verdictOf } from './finding.ts';

export type MeasuredGroup = { name: string; about: string; findings: readonly Finding[] };

const HEADINGS = ['', 'target', 'measured', 'min – max', 'noise', 'verdict'] as const;

/** Fixed, because each row is printed at once. */
const WIDTHS = [52, 12, 12, 22, 10, 12] as const;

export function textHeading({ name, about }: Pick<MeasuredGroup, 'name' | 'about'>): string {
  return `${name}: ${about}\n${textLine(HEADINGS)}\n`;
}

export function textRow(finding: Finding): string {
  return `${textLine(cells(finding))}\n`;
}

function textLine(row: readonly string[]): string {
  return row
    .map((cell, column) =>
      column === 0 ? cell.padEnd(WIDTHS[0]) : cell.padStart(WIDTHS[column as keyof typeof WIDTHS] as number),
    )
    .join(' ')
    .trimEnd();
}

export function markdownTable({ name, about, findings }: MeasuredGroup): string {
  const heading = `| ${['what', ...HEADINGS.slice(1)].join(' | ')} |`;
  const rows = findings.map((finding) => `| ${cells(finding).join(' | ')} |`);
  return [`## ${name}`, '', `${about}.`, '', heading, '|---|--:|--:|--:|--:|---|', ...rows].join('\n');
}

function cells(finding: Finding): string[] {
  const { what, unit, measured, noise, target } = finding;
  if ('cannotRun' in measured) return [what, '', '–', '', '', `cannot run here: ${measured.cannotRun}`];
  if ('failed' in measured) return [what, '', '–', '', '', `failed: ${measured.failed}`];
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

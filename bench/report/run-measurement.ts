import type { Bench, Finding, Measurement } from './finding.ts';
import { type MeasuredGroup, textHeading, textRow } from './table.ts';

/** Prints each finding at once. A failed measurement ends with a row that reports the error. */
export async function runMeasurement(
  { name, about, measure }: Measurement,
  bench: Bench,
  print: (text: string) => void,
): Promise<MeasuredGroup> {
  const findings: Finding[] = [];
  const add = (finding: Finding): void => {
    findings.push(finding);
    print(textRow(finding));
  };
  print(textHeading({ name, about }));
  try {
    for await (const finding of measure(bench)) add(finding);
  } catch (error) {
    const [failed = ''] = String(error instanceof Error ? error.message : error).split('\n');
    add({ what: name, unit: '×', measured: { failed }, noise: null, target: null });
  }
  print('\n');
  return { name, about, findings };
}

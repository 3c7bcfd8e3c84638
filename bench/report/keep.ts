import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKOUT } from '../../test/support/crashmon.ts';
import { verdictOf } from './finding.ts';
import type { Machine } from './machine.ts';
import { type MeasuredGroup, markdownTable } from './table.ts';

export type Run = { startedAt: Date; tookMs: number; machine: Machine; groups: readonly MeasuredGroup[] };

const RESULTS = join(CHECKOUT, 'bench', 'results');

/** Stores a run as `<date>.json`, the last of a day, and as `latest.md`. */
export async function keepRun(run: Run): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  const date = run.startedAt.toISOString().slice(0, 10);
  const groups = run.groups.map(({ name, findings }) => ({
    name,
    findings: findings.map((finding) => ({ ...rounded(finding), verdict: verdictOf(finding) })),
  }));
  const document = { ...run, startedAt: run.startedAt.toISOString(), groups };
  await writeFile(join(RESULTS, `${date}.json`), `${JSON.stringify(document, null, 2)}\n`);
  await writeFile(join(RESULTS, 'latest.md'), markdown(run, date));
}

function markdown({ machine, groups, tookMs }: Run, date: string): string {
  const { processor, cores, memoryMb, kernel, node, loadBefore, commit } = machine;
  const lines = [
    `# Measured on ${date}`,
    '',
    `Commit ${commit}, Node ${node}, ${kernel}, ${cores} × ${processor}, ${Math.round(memoryMb / 1000)} GB; load average`,
    `${loadBefore.toFixed(1)} at the start, ${Math.round(tookMs / 1000)} s in all. How to read it: \`docs/benchmarks.md\`.`,
    '',
    ...groups.flatMap((group) => [markdownTable(group), '']),
  ];
  return lines.join('\n');
}

/** Six digits are more than the precision of any measurement. */
function rounded<Value>(value: Value): Value {
  return JSON.parse(
    JSON.stringify(value, (_, inner) => (typeof inner === 'number' ? Number(inner.toPrecision(6)) : inner)),
  );
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKOUT } from '../../test/support/crashmon.ts';
import type { Machine } from './machine.ts';
import { peersChart } from './peers-chart.ts';
import type { MeasuredGroup } from './table.ts';

/** What the README's picture is drawn from. */
export type PeerResult = {
  date: string;
  commit: string;
  processor: string;
  rows: readonly { name: string; megabytes: number; addedMs: number }[];
};

const ADDED = /^(\d+) MB, added by (.+)$/;

/** Stores the result of a full run, and draws it; nothing if a peer could not be measured. */
export async function keepPeers(group: MeasuredGroup, machine: Machine, startedAt: Date): Promise<boolean> {
  const rows = group.findings.flatMap(({ what, measured }) => {
    const [, megabytes, name = ''] = ADDED.exec(what) ?? [];
    return megabytes === undefined || !('median' in measured)
      ? []
      : [{ name, megabytes: Number(megabytes), addedMs: Number(measured.median.toPrecision(4)) }];
  });
  if (rows.length === 0 || group.findings.some(({ measured }) => !('median' in measured))) return false;
  const { commit, processor } = machine;
  const result = { date: startedAt.toISOString().slice(0, 10), commit, processor, rows };
  await writeFile(join(CHECKOUT, 'bench/results/peers.json'), `${JSON.stringify(result, null, 2)}\n`);
  await writeFile(join(CHECKOUT, 'docs/images/peers.svg'), peersChart(result));
  return true;
}

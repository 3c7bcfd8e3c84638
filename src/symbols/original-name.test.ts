import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import type { RawFrame } from '../model/probe-record.ts';
import { FrameMapper } from './frame-mapper.ts';

const ledger = `
export class LedgerStore {
  postEntry(amount: number): void { validateAmount(amount); }
}
function validateAmount(amountToCheck: number): void {
  if (amountToCheck < 0) { throw new RangeError('negative ' + amountToCheck + describeAmount()); }
}
function describeAmount(): string { return String(Math.random()); }
export const describeAgain = () => describeAmount();
`;
const main = `
import { LedgerStore, describeAgain } from './ledger.ts';
async function handleOrder(orderId: number): Promise<void> { await loadCustomer(orderId); }
async function loadCustomer(customerId: number): Promise<void> {
  await Promise.resolve();
  const store = new LedgerStore();
  for (const callback of [applyDiscount, applyDiscount]) callback(store, customerId);
}
function applyDiscount(ledger: LedgerStore, amount: number): void { new OrderAudit(ledger, amount); }
class OrderAudit {
  constructor(ledger: LedgerStore, amount: number) { const runAudit = () => ledger.postEntry(amount); [runAudit].forEach(() => runAudit()); }
}
const report = (error: Error) => { console.log(error.stack, describeAgain() === ''); };
handleOrder(-5).catch(report);
`;

/** Frames as text, for stacks that the test makes. */
function parseStack(stack: string): RawFrame[] {
  return [...stack.matchAll(/^ {4}at (async )?(?:(.+) \()?(\/.+):(\d+):(\d+)\)?/gm)].map((match) => ({
    function: match[2] ?? null,
    file: match[3] ?? null,
    line: Number(match[4]),
    column: Number(match[5]),
    async: match[1] !== undefined,
  }));
}

test('minified functions get the names of their sources, also those called through a parameter', async () => {
  await using directory = await temporaryDirectory('names');
  await writeFile(path.join(directory.path, 'ledger.ts'), ledger);
  await writeFile(path.join(directory.path, 'main.ts'), main);
  const outfile = path.join(directory.path, 'dist', 'main.cjs');
  await build({
    entryPoints: [path.join(directory.path, 'main.ts')],
    bundle: true,
    minify: true,
    sourcemap: true,
    platform: 'node',
    outfile,
  });
  const { stdout } = spawnSync(process.execPath, [outfile], { encoding: 'utf8' });
  const frames = parseStack(stdout);
  assert.ok(frames[0]?.function !== 'validateAmount', 'the bundle was not minified');
  const mapped = new FrameMapper(directory.path).mapFrames(frames);
  assert.deepEqual(
    mapped.map((frame) => `${frame.function} ${path.basename(frame.file ?? '')}:${frame.line}`),
    [
      'validateAmount ledger.ts:6',
      'LedgerStore.postEntry ledger.ts:3',
      'runAudit main.ts:11',
      // The callback has no name in the source either.
      'null main.ts:11',
      'new OrderAudit main.ts:11',
      'applyDiscount main.ts:9',
      'loadCustomer main.ts:7',
      'handleOrder main.ts:3',
    ],
  );
});

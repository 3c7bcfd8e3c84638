import assert from 'node:assert/strict';
import { type PreparedDump, prepareDump } from '../../../src/dumps/keep-dump.ts';
import { type DumpFacts, dumpFactsOf, dumpOf } from '../../../src/model/dump.ts';
import type { Instant } from '../../../src/model/instant.ts';
import type { Refusal } from '../../../src/model/session.ts';
import { keptFor } from '../../../src/policy/expiry.ts';

/** All clocks at once, of one boot that began long before. */
export function instantAt(wallMs: number): Instant {
  return { wallMs, monotonicMs: wallMs, bootId: 'boot' };
}

/** What is known of a dump that no test cares about. */
export function sampleFacts(
  facts: Partial<Omit<DumpFacts, 'v'>> & Pick<DumpFacts, 'crash'>,
  now: Instant,
  keepMs = 1000,
): DumpFacts {
  return dumpFactsOf({
    ...{ v: 1, kind: 'core', ofRun: null, app: 'shop', instance: 'web-1', session: 's', exceptionType: null },
    ...{ status: { type: 'signal', signal: 'SIGSEGV' }, executable: '/bin/shop', modules: [] },
    ...{ encryption: 'none', whole: null, remote: null, portal: false, sizeBytes: 1, coreBytes: 1 },
    ...{ diedAtMs: now.wallMs, ...keptFor(keepMs, now), ...facts },
  });
}

export type SampleDump = {
  store: string;
  crash: string;
  core: Uint8Array;
  now: Instant;
  keepMs?: number;
  recipient?: string | null;
  maxDiskBytes?: number;
  remote?: DumpFacts['remote'];
  isTooLate?: () => boolean;
};

export async function prepareSample(sample: SampleDump): Promise<PreparedDump | Refusal | null> {
  const { store, crash, core, now, recipient = null, maxDiskBytes = 1e9, remote = null } = sample;
  const { isTooLate = () => false } = sample;
  return await prepareDump(dumpOf(core), {
    ...{ session: { store, recipient, maxDiskBytes }, crash, kind: 'core', now, isTooLate },
    factsOf: (sizes) =>
      sampleFacts(
        { crash, encryption: recipient === null ? 'none' : 'age', remote, ...sizes },
        now,
        sample.keepMs,
      ),
  });
}

export async function keepSample(sample: SampleDump): Promise<void> {
  const prepared = await prepareSample(sample);
  assert.ok(prepared !== null && typeof prepared === 'object', String(prepared));
  prepared.put();
  prepared.discard();
}

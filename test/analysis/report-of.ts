import assert from 'node:assert/strict';
import { strippedHashes } from '../../src/agent/stripped-hashes.ts';
import { buildCrashReport } from '../../src/analysis/build-crash-report.ts';
import type { CrashReport } from '../../src/model/crash-report.ts';
import type { CrashKind } from '../../src/model/exit.ts';
import { FrameMapper } from '../../src/symbols/frame-mapper.ts';
import { isOnDisk } from '../../src/symbols/is-on-disk.ts';
import { readSource } from '../../src/symbols/read-source.ts';
import { changedAtMs, scriptHashes } from '../../src/symbols/script-files.ts';
import type { Death } from './run-to-death.ts';

/** The report of an armed worker's death, made of the files as they are now. */
export function reportOf(death: Death, root: string, kind: CrashKind): CrashReport {
  const { status, stderr, claim, candidates, diedAtMs } = death;
  assert.ok(claim !== null, stderr.toString());
  return buildCrashReport({
    ...{ id: 'a1b2c3d4e5f6', app: 'shop', instance: 'web-1', diedAtMs, status, kind, armed: true },
    ...{
      appRoot: root,
      workspaceRoot: null,
      claim,
      candidates,
      stderr: { bytes: stderr, offset: 0 },
      problems: [],
    },
    native: null,
    symbols: new FrameMapper(root),
    readSource,
    isOnDisk,
    scripts: {
      hashes: scriptHashes,
      changedAtMs,
      strippedHashes: (path) => strippedHashes(path, readSource(path) ?? '', claim.execPath),
    },
    memory: null,
    heapMemory: null,
    heapLimitBytes: () => null,
  });
}

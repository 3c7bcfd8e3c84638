import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lastWordsReport } from '../../src/analysis/last-words-report.ts';
import type { Runtime } from '../../src/model/runtime.ts';
import { redact } from '../../src/privacy/redact.ts';
import { signatureOf } from '../../src/signature/signature.ts';
import { readRecorded, recordedDeaths } from '../support/last-words-corpus.ts';

/** What looks like an error code is public, as of a captured crash. */
const CANARIES = /CANARY(?!_CODE\b)|4111|ada@/;
const SCRIPT: ReadonlySet<Runtime> = new Set<Runtime>(['node', 'bun', 'deno']);
const names = { seen: 0, withheld: [] as string[] };

describe('reports of recorded deaths', () => {
  for (const death of recordedDeaths()) {
    test(`${death.name} has nothing private, and its names are shown`, () => {
      const { runtime, source } = death;
      const words = readRecorded(death);
      if (words === null) return;
      const found = lastWordsReport({
        ...{ id: '0a1b2c3d4e5f', app: 'shop', instance: 'web-1', diedAtMs: 0, startedAtMs: 0 },
        ...{ kind: 'exception', status: { type: 'code', code: 1 }, runtime, words, proof: 'likely' },
        ...{ appRoot: source, workspaceRoot: null, problems: [], readSource: () => null },
        isOnDisk: () => false,
        symbols: { mapFrames: (frames) => [...frames], problems: () => [] },
        scripts: { hashes: () => [], strippedHashes: () => [], changedAtMs: () => null },
        pathOf: (file) => file,
      });
      const report = redact(found);
      const { title } = signatureOf({ ...report, status: { type: 'code', code: 1 } });
      assert.doesNotMatch(JSON.stringify([report, title]), CANARIES);
      for (const { trust, line } of report.frames) assert.ok(trust === 'vouched-text' || line === null);
      if (SCRIPT.has(runtime)) return;
      const type = found.exception?.type ?? '';
      if (type !== '' && type.length < 200) assert.equal(report.exceptionType, type);
      names.seen += report.frames.length;
      report.frames.forEach((frame, at) => {
        if (frame.function === null && found.frames[at]?.function != null) {
          names.withheld.push(`${runtime} ${found.frames[at]?.function}`);
        }
      });
    });
  }

  test('names that languages print are names to redaction', () => {
    assert.ok(names.seen > 200, `saw ${names.seen}`);
    assert.deepEqual(names.withheld, []);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { inputs } from '../../../test/support/rounds.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { CandidateRecord, ClaimRecord, RawFrame, ThrownValue } from '../../model/probe-record.ts';
import { parseCandidate } from './parse-candidate.ts';
import { parseClaim } from './parse-claim.ts';

const FRAME: RawFrame = { function: 'Foo.bar', file: '/srv/app/a.js', line: 3, column: 7, async: false };
const MAPPED: RawFrame = {
  ...FRAME,
  scriptHash: '0123456789abcdef'.repeat(4),
  printed: { file: '/srv/app/a.ts', line: 5, column: null },
};
const WASM: RawFrame = {
  ...{ function: 'decode', file: 'wasm://wasm/1234', line: null, column: null, async: false },
  wasm: { functionIndex: 0, byteOffset: 37 },
};
const THROWN: ThrownValue = {
  isError: true,
  type: 'TypeError',
  code: null,
  message: 'secret\n    at fake (x:1:1)',
  messageLength: 26,
  frameSource: 'call-site',
  frames: [FRAME, MAPPED, WASM],
  stackOverflow: false,
  cause: null,
  errors: [],
  errorsTotal: 0,
  emitter: { type: 'Pool', frameSource: 'none', frames: [] },
};
const CANDIDATE: CandidateRecord = {
  v: 1,
  type: 'candidate',
  pid: 42,
  event: 'uncaught',
  atMs: 1_790_000_000_000,
  uptimeS: 1.25,
  thrown: { ...THROWN, cause: { ...THROWN, code: 'ECONNRESET' }, errors: [THROWN], errorsTotal: 5000 },
  callerFrames: [],
  exitCode: null,
  appHandles: false,
  tookMs: 1.5,
  stderrOffset: 0,
};
const CLAIM: ClaimRecord = {
  v: 1,
  type: 'claim',
  pid: 42,
  runtime: 'node',
  version: 'v20.20.2',
  evalSource: null,
  mainScript: null,
  cwd: '/srv/app',
  execPath: '/usr/bin/node',
  heapFlags: ['--max-old-space-size=4096'],
  atMs: 1_790_000_000_000,
};

function isBadRecord(error: unknown): boolean {
  return error instanceof CrashmonError && error.code === 'BAD_RECORD' && error.cause === undefined;
}

function nested(depth: number): ThrownValue {
  return depth === 0 ? THROWN : { ...THROWN, cause: nested(depth - 1) };
}

describe('a record that the probe wrote', () => {
  test('comes back as it was', () => {
    assert.deepEqual(parseCandidate(JSON.stringify(CANDIDATE)), CANDIDATE);
    assert.deepEqual(parseClaim(JSON.stringify(CLAIM)), CLAIM);
  });

  test('loses what does not belong to it', () => {
    const text = JSON.stringify({ ...CLAIM, environment: { TOKEN: 'x' } });
    assert.deepEqual(parseClaim(text), CLAIM);
    const polluted = text.replace('{', '{"__proto__":{"pid":1},');
    assert.deepEqual(parseClaim(polluted), CLAIM);
  });

  test('is an error when a full disk or a kill cut it short', () => {
    for (const [record, parse] of [
      [CANDIDATE, parseCandidate],
      [CLAIM, parseClaim],
    ] as const) {
      const text = JSON.stringify(record);
      for (let length = 0; length < text.length; length++) {
        assert.throws(() => parse(text.slice(0, length)), isBadRecord);
      }
    }
  });
});

describe('a record that the app wrote or changed', () => {
  const lies: Record<string, Partial<Record<keyof CandidateRecord, unknown>>> = {
    'unknown version': { v: 2 },
    'unknown event': { event: 'toString' },
    'process id of a group': { pid: -1 },
    'time that is no number': { atMs: 'now' },
    'endless list of frames': { callerFrames: Array(2001).fill(FRAME) },
    'frame before the first line': { callerFrames: [{ ...FRAME, line: 0 }] },
    'half a line': { callerFrames: [{ ...FRAME, line: 1.5 }] },
    'hash that is a text': { callerFrames: [{ ...FRAME, scriptHash: 'secret' }] },
    'printed position without a line': { callerFrames: [{ ...FRAME, printed: { file: '/a.ts' } }] },
    'function of WebAssembly before the first': {
      callerFrames: [{ ...WASM, wasm: { functionIndex: -1, byteOffset: 0 } }],
    },
    'long function name': { callerFrames: [{ ...FRAME, function: 'f'.repeat(513) }] },
    'frame that is a list': { callerFrames: [[]] },
    'long message': { thrown: { ...THROWN, message: 'm'.repeat(1_048_577), messageLength: 1_048_577 } },
    'message longer than its length': { thrown: { ...THROWN, messageLength: 3 } },
    'causes without end': { thrown: nested(9) },
    'too many members': { thrown: { ...THROWN, errors: Array(11).fill(THROWN), errorsTotal: 11 } },
    'members of members': {
      thrown: {
        ...THROWN,
        errors: Array(10).fill({ ...THROWN, errors: Array(10).fill(THROWN), errorsTotal: 10 }),
        errorsTotal: 10,
      },
    },
    'inherited field': { appHandles: undefined },
  };
  for (const [name, lie] of Object.entries(lies)) {
    test(name, () => {
      assert.throws(() => parseCandidate(JSON.stringify({ ...CANDIDATE, ...lie })), isBadRecord);
    });
  }

  test('deep nesting does not exhaust the stack', () => {
    const depth = 1_000_000;
    assert.throws(() => parseCandidate('['.repeat(depth) + ']'.repeat(depth)), isBadRecord);
    assert.throws(() => parseClaim('{"a":'.repeat(depth)), isBadRecord);
  });

  test('no error quotes it', () => {
    for (const text of [
      'sec',
      '{"v":1,"type":"secret"}',
      JSON.stringify({ ...CANDIDATE, event: 'secret' }),
    ]) {
      try {
        parseCandidate(text);
        assert.fail('was taken');
      } catch (error) {
        assert.ok(isBadRecord(error));
        assert.doesNotMatch(String((error as Error).stack), /secret|"sec/);
      }
    }
  });
});

describe('properties', () => {
  test('any text is a record or BAD_RECORD', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' })), (text) => {
        for (const parse of [parseCandidate, parseClaim]) {
          try {
            parse(text);
          } catch (error) {
            assert.ok(isBadRecord(error));
          }
        }
      }),
    );
  });

  test('a record with any one value replaced is a record or BAD_RECORD', () => {
    const places = pathsOf(CANDIDATE);
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue(), (place, value) => {
        const record = structuredClone(CANDIDATE) as unknown;
        let parent = record as Record<string, unknown>;
        for (const key of place.slice(0, -1)) parent = parent[key] as Record<string, unknown>;
        parent[place.at(-1) ?? ''] = value;
        try {
          assert.deepEqual(JSON.parse(JSON.stringify(parseCandidate(JSON.stringify(record)))).v, 1);
        } catch (error) {
          assert.ok(isBadRecord(error));
        }
      }),
      { numRuns: inputs(500) },
    );
  });
});

function pathsOf(value: unknown, prefix: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return prefix.length > 0 ? [prefix] : [];
  const inner = Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...prefix, key]));
  return prefix.length > 0 ? [prefix, ...inner] : inner;
}

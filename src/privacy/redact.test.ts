import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CrashReport, ExceptionDetail } from '../model/crash-report.ts';
import type { Frame } from '../model/frame.ts';
import { problem } from '../model/problem.ts';
import { parseRedactedReport } from './parse-redacted-report.ts';
import { redact } from './redact.ts';

const frame: Frame = {
  function: 'Cart.total',
  file: '/srv/shop/src/cart.js',
  line: 3,
  column: 7,
  module: null,
  inApp: true,
  repeat: 1,
  trust: 'call-site',
};

function exception(fields: Partial<ExceptionDetail> = {}): ExceptionDetail {
  const plain = { type: 'TypeError', code: null, message: 'no', messageLength: 2, frames: [frame] };
  return { ...plain, members: [], membersTotal: 0, ...fields };
}

function report(fields: Partial<CrashReport> = {}): CrashReport {
  return {
    id: 'a1b2c3d4e5f6',
    app: 'shop',
    instance: 'web-1',
    diedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    kind: 'exception',
    signal: null,
    exception: exception(),
    causes: [],
    frames: [frame],
    heap: null,
    native: null,
    problems: [],
    holdMs: 0,
    runtime: { name: 'node', version: 'v24.1.0' },
    source: 'capture',
    appRoot: '/srv/shop',
    workspaceRoot: null,
    ...fields,
  };
}

test('a redacted report serializes to the contract of `show --json`', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(redact(report()))), {
    schemaVersion: 3,
    id: 'a1b2c3d4e5f6',
    app: 'shop',
    instance: 'web-1',
    diedAt: '2026-01-02T03:04:05.678Z',
    kind: 'exception',
    exceptionType: 'TypeError',
    code: null,
    signal: null,
    frames: [{ ...frame, file: 'src/cart.js' }],
    causes: [],
    members: [],
    heap: null,
    fault: null,
    otherThreads: [],
    runtime: { name: 'node', version: '24.1.0' },
    source: 'capture',
    problems: [],
    hold: { ms: 0 },
  });
});

const machineFrame: Frame = {
  function: 'app::Cart<app::Order>::sum',
  file: '/srv/shop/native/cart.cpp',
  line: 12,
  column: null,
  module: 'libcart.so.1',
  inApp: false,
  repeat: 1,
  trust: 'cfi',
  native: { image: '/usr/lib/libcart.so.1', offset: '0x13d8', buildId: 'f4739d8c8ec4cf56', inlined: false },
};

test('a frame of machine code keeps its place in the image, without directories', () => {
  const unknown = {
    ...machineFrame,
    function: null,
    module: null,
    native: { image: null, offset: '0x7f0000001000', buildId: null, inlined: false },
  };
  const [frame, nowhere] = redact(report({ frames: [machineFrame, unknown] })).frames;
  assert.deepEqual(frame, {
    ...machineFrame,
    file: 'native/cart.cpp',
    native: { ...machineFrame.native, image: 'libcart.so.1' },
  });
  assert.equal(nowhere?.native?.offset, null);
});

test('a frame keeps why it has no line, and its place in WebAssembly', () => {
  const unmapped: Frame = { ...frame, line: null, column: null, noLine: 'transpiled' };
  const wasm: Frame = {
    ...{ ...frame, file: 'wasm://wasm/1234', module: 'wasm', inApp: false, line: null, column: null },
    wasm: { functionIndex: 3, byteOffset: 37 },
  };
  const lie = { ...unmapped, noLine: 'secret' } as unknown as Frame;
  const { frames } = redact(report({ frames: [unmapped, wasm, lie] }));
  const { noLine, ...plain } = { ...unmapped, file: 'src/cart.js' };
  assert.deepEqual(frames, [{ ...plain, noLine }, { ...wasm, file: 'wasm:' }, plain]);
  const stored = JSON.parse(JSON.stringify(redact(report({ frames: [unmapped, wasm] }))));
  assert.deepEqual(parseRedactedReport(stored).frames, frames.slice(0, 2));
  stored.frames[0].noLine = 'a reason of later days';
  assert.deepEqual(parseRedactedReport(stored).frames[0]?.noLine, undefined);
});

test('types and codes that are more than names are withheld and said to be', () => {
  const redacted = redact(
    report({ exception: exception({ type: 'Error: no such user', code: 'user alice' }) }),
  );
  assert.equal(redacted.exceptionType, null);
  assert.equal(redacted.code, null);
  assert.deepEqual(redacted.problems, [problem('type-withheld'), problem('code-withheld')]);
});

test('only known problems pass', () => {
  const given = [
    problem('frames-cut', 12),
    { code: 'could not open /home/alice' as never },
    { code: 'alice' as never },
    problem('no-record'),
  ];
  assert.deepEqual(redact(report({ problems: given })).problems, [
    problem('frames-cut', 12),
    problem('no-record'),
    problem('more-in-log'),
  ]);
});

test('at most a hundred frames pass', () => {
  const redacted = redact(report({ frames: Array.from({ length: 130 }, () => frame) }));
  assert.equal(redacted.frames.length, 100);
  assert.deepEqual(redacted.problems, [problem('frames-cut', 30)]);
});

test('whatever stands in a private place, nothing of it leaves', () => {
  // Long enough not to be a part of a word that is allowed, and unlike any name.
  const secret = fc.string({ unit: 'grapheme', minLength: 4, maxLength: 60 }).map((text) => `s3 ${text}`);
  fc.assert(
    fc.property(secret, fc.nat(6), (hidden, root) => {
      const names = [
        `${hidden} x`,
        `eval at ${hidden}`,
        `data:text/javascript,${hidden}`,
        `https://h/a.js?${hidden}`,
      ];
      const files = [
        ...names,
        `/srv/shop/a.js?${hidden}`,
        `/home/${hidden}/src/a.js`,
        `blob:${hidden}`,
        `file:///x/${hidden}/y.mjs`,
      ].map((file) => ({ ...frame, file }));
      const functions = names.map((name) => ({ ...frame, function: `${name} "${hidden}"` }));
      const modules = [{ ...frame, module: `m ${hidden}` }];
      const place = { image: hidden, offset: hidden, buildId: hidden, inlined: false };
      const machine = [...files, ...functions, ...modules].flatMap((frame) => [
        { ...frame, native: place },
        { ...frame, native: { ...place, image: `/home/${hidden}/${hidden} x` } },
      ]);
      const inner = exception({ type: `E ${hidden}`, code: hidden, message: hidden, frames: files });
      const redacted = redact(
        report({
          exception: exception({ message: hidden, members: [inner, { ...inner, members: [inner] }] }),
          causes: [inner, exception({ message: `at ${hidden} (a.js:1:1)` })],
          frames: [...files, ...functions, ...modules, ...machine],
          problems: [{ code: hidden as never }, { code: 'no-record', [hidden]: hidden } as never],
          signal: hidden,
          runtime: { name: 'node', version: `v1.2.3-${hidden}` },
          appRoot: root === 0 ? `/home/${hidden}` : '/srv/shop',
        }),
      );
      const json = JSON.stringify(redacted);
      assert.ok(!json.includes(hidden) && !json.includes(JSON.stringify(hidden).slice(1, -1)), json);
    }),
  );
});

test('a report that is bigger than redaction makes it is refused', () => {
  const stored = JSON.parse(JSON.stringify(redact(report({ frames: [machineFrame] }))));
  const [one] = stored.frames;
  const many = (length: number, value: unknown) => Array.from({ length }, () => value);
  const inner = { exceptionType: null, code: null, frames: [], members: [] };
  const deep = [{ ...inner, members: [{ ...inner, members: [{ ...inner, members: [inner] }] }] }];
  const fault = { summary: 'abort', siCode: -6, addressClass: null, systemCall: null, abortKind: null };
  const thread = { count: 1, frames: [one] };
  assert.deepEqual(parseRedactedReport({ ...stored, fault, otherThreads: [thread] }).fault, fault);
  for (const damage of [
    { frames: many(101, one) },
    { frames: [{ ...one, line: -1 }] },
    { frames: [{ ...one, line: 1e300 }] },
    { frames: [{ ...one, function: 'x'.repeat(1001) }] },
    { causes: many(9, inner) },
    { members: many(11, inner) },
    { members: deep },
    { problems: many(51, '') },
    { fault: { ...fault, summary: 'alice' } },
    { fault: { ...fault, siCode: 1e9 } },
    { fault: { ...fault, systemCall: -1 } },
    { fault: [] },
    { fault: undefined },
    { otherThreads: many(33, thread) },
    { otherThreads: [{ ...thread, count: 0 }] },
    { otherThreads: [{ ...thread, count: 1.5 }] },
    { otherThreads: [{ ...thread, frames: many(33, one) }] },
    { otherThreads: { length: 1e9 } },
  ]) {
    assert.throws(() => parseRedactedReport({ ...stored, ...damage }), { code: 'BAD_RECORD' });
  }
});

test('whatever JSON is read, it is a report or BAD_RECORD', () => {
  const stored = JSON.parse(JSON.stringify(redact(report({ frames: [machineFrame] }))));
  const key = fc.constantFrom(...Object.keys(stored));
  fc.assert(
    fc.property(key, fc.jsonValue(), (name, value) => {
      try {
        parseRedactedReport({ ...stored, [name]: value });
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'BAD_RECORD');
      }
    }),
  );
});

test('what was stored is read back, and nothing else', () => {
  const heap = { usedBytes: 1, committedBytes: 2, limitBytes: null };
  const memory = {
    process: null,
    heap: {
      ...{ beforeEndMs: 1, usedBytes: 2, limitBytes: null, externalBytes: 3, arrayBufferBytes: 0 },
      ...{ spaces: [], resources: [{ type: 'Timeout' as const, count: 1 }] },
    },
  };
  const full = report({
    ...{ heap, memory: { ...memory, largest: [{ name: '/srv/erika', bytes: 1 }] } },
    frames: [frame, machineFrame],
    causes: [exception({ members: [exception()] })],
  });
  const stored = JSON.parse(JSON.stringify(redact(full)));
  assert.deepEqual(stored.memory, memory);
  assert.deepEqual(parseRedactedReport({ ...stored, message: 'private' }), stored);
  for (const damage of [
    null,
    [],
    1,
    { ...stored, schemaVersion: 4 },
    { ...stored, frames: [1] },
    { ...stored, frames: [{ ...stored.frames[1], native: { image: 1 } }] },
    { ...stored, id: 1 },
  ]) {
    assert.throws(() => parseRedactedReport(damage), { code: 'BAD_RECORD' });
  }
});

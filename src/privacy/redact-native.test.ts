import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  libraryFrame,
  machineFrame,
  nativeDeath,
  nativeReport,
  place,
} from '../../test/support/journal/native-death.ts';
import type { NativeCrash, ThreadStack } from '../model/crash-report.ts';
import type { FaultClassification } from '../model/fault.ts';
import type { Frame } from '../model/frame.ts';
import { problem } from '../model/problem.ts';
import { parseRedactedReport } from './parse-redacted-report.ts';
import { redact } from './redact.ts';

const libc = '/lib/x86_64-linux-gnu/libc.so.6';

test('of a fault its words and small numbers pass', () => {
  const native = nativeDeath({ abortText: 'free(): invalid pointer' });
  const { fault, exceptionType, problems } = redact(nativeReport(native));
  assert.deepEqual(fault, {
    summary: 'null-access',
    siCode: 1,
    addressClass: 'null',
    systemCall: null,
    abortKind: null,
  });
  assert.deepEqual([exceptionType, problems], [null, []]);
});

test('words that are not ours and numbers that are data do not', () => {
  const odd = {
    summary: 'alice',
    addressClass: 'alice',
    abortKind: 'alice',
  } as unknown as FaultClassification;
  const fault = { ...odd, siCode: 0x7ffd_1234, systemCall: 0x7ffd_1234 };
  assert.deepEqual(redact(nativeReport(nativeDeath(fault))).fault, {
    summary: 'other-signal',
    siCode: null,
    addressClass: null,
    systemCall: null,
    abortKind: null,
  });
  const small = { siCode: -6, systemCall: 101 };
  const { siCode, systemCall } = redact(nativeReport(nativeDeath(small))).fault ?? {};
  assert.deepEqual({ siCode, systemCall }, small);
});

test('the type of a C++ exception stands where nothing was thrown in JavaScript', () => {
  const mangled = { cxxExceptionType: 'N3app7MyErrorE' };
  const native = nativeDeath(mangled, { cxxExceptionType: 'app::MyError' });
  assert.equal(redact(nativeReport(native)).exceptionType, 'app::MyError');
  const thrown = {
    ...{ type: 'TypeError', code: null, message: '', messageLength: 0 },
    ...{ frames: [], members: [], membersTotal: 0 },
  };
  assert.equal(redact(nativeReport(native, { exception: thrown })).exceptionType, 'TypeError');
  const garbage = redact(nativeReport(nativeDeath({}, { cxxExceptionType: 'alice smith' })));
  assert.deepEqual([garbage.exceptionType, garbage.problems], [null, [problem('type-withheld')]]);
});

test('code in memory that the program named has no module either', () => {
  const image = '/memfd:x/alice (deleted)';
  const native = { image, offset: '0x10', buildId: null, inlined: false };
  const frames = [machineFrame('pay', 1, { module: 'alice', native })];
  const [frame] = redact(nativeReport(nativeDeath(), { frames })).frames;
  assert.deepEqual([frame?.module, frame?.native?.image], ['unknown', null]);
});

test('an offset that no image is big enough for is an address', () => {
  const frames = [
    machineFrame('f', 0xffffffff),
    machineFrame('f', 0x7ffd5a1b2c30),
    machineFrame('f', 1, { native: place(null, 0x1234) }),
    machineFrame('0x7ffd5a1b2c30', 2),
  ];
  const redacted = redact(nativeReport(nativeDeath(), { frames }));
  assert.deepEqual(
    redacted.frames.map(({ native }) => native?.offset),
    ['0xffffffff', null, null, '0x2'],
  );
  assert.equal(redacted.frames[3]?.function, null);
});

test('of other threads 32 stacks of 32 frames pass, and the rest is counted', () => {
  const stack = (count: number, frames = 1): ThreadStack => ({
    count,
    frames: Array.from({ length: frames }, (_, at) => libraryFrame('futex_wait', libc, at)),
  });
  const groups = [...Array.from({ length: 32 }, () => stack(2, 40)), stack(3), stack(1)];
  const redacted = redact(nativeReport(nativeDeath({}, { otherThreads: groups })));
  assert.equal(redacted.otherThreads.length, 32);
  assert.deepEqual(redacted.otherThreads[0]?.frames[0]?.native?.image, 'libc.so.6');
  assert.ok(redacted.otherThreads.every(({ count, frames }) => count === 2 && frames.length === 32));
  assert.deepEqual(redacted.problems, [problem('frames-cut', 32 * 8), problem('threads-cut', 4)]);
  const odd = [0, -1, Number.NaN, 1e300, 1.4].map((count) => stack(count));
  assert.deepEqual(
    redact(nativeReport(nativeDeath({}, { otherThreads: odd }))).otherThreads.map(({ count }) => count),
    [1, 1, 1, 1, 1],
  );
});

test('nothing of a native death that is private leaves', () => {
  // Ends as no name does: text that is built like a name passes as one.
  const secret = fc.string({ unit: 'grapheme', minLength: 4, maxLength: 60 }).map((text) => `s3 ${text} §`);
  // Beyond what is an offset in an image; as every address of a process is.
  const address = fc.bigInt({ min: 0x1_0000_0000n, max: 0xffff_ffff_ffff_ffffn });
  fc.assert(
    fc.property(secret, address, (hidden, word) => {
      const hex = word.toString(16);
      const texts = [hidden, `0x${hex}`, hex.padStart(16, '0'), String(word), `${hidden}\n0x${hex}`];
      const frames = texts.flatMap((text) => hostileFrames(text));
      for (const text of texts) {
        const native = hostileDeath(text, word, frames);
        const redacted = redact(
          nativeReport(native, { frames, signal: text, runtime: { name: 'node', version: text } }),
        );
        const json = JSON.stringify(redacted);
        assert.ok(!json.includes(JSON.stringify(hidden).slice(1, -1)), json);
        assert.ok(!json.includes(hex) && !json.includes(String(word)), json);
        assert.deepEqual(parseRedactedReport(JSON.parse(json)), redacted);
      }
    }),
    { numRuns: 60 },
  );
});

function hostileDeath(text: string, word: bigint, frames: Frame[]): NativeCrash {
  const number = Number(word);
  return nativeDeath(
    {
      faultAddress: word,
      abortText: text,
      // As if it had been found in memory.
      cxxExceptionType: text,
      siCode: number,
      systemCall: number,
    },
    {
      cxxExceptionType: text,
      registers: [
        { name: 'rax', value: text },
        { name: text, value: `0x${word.toString(16)}` },
      ],
      otherThreads: [
        { count: 1, frames },
        { count: Number.NaN, frames: [...frames].reverse() },
      ],
    },
  );
}

function hostileFrames(text: string): Frame[] {
  const hidden = { image: text, offset: text, buildId: `${text} x`, inlined: false };
  return [
    machineFrame(text, 1, { native: hidden, module: `${text} x` }),
    machineFrame(`${text} x`, 1, { native: { ...hidden, image: libc } }),
    machineFrame(`${text}(${text} ${text})`, 1, { file: `/home/${text}/${text} x` }),
    machineFrame(`f<${text} x>`, 1, { native: { ...hidden, image: `/home/${text}/${text} x` } }),
  ];
}

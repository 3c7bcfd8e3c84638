import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JavaScriptCall } from '../model/native-stack.ts';
import type { NativeInput } from './capture-input.ts';
import { FrameResolver } from './frame-resolver.ts';
import { nativeFindings } from './native-findings.ts';

const SOURCE = `type Reason = { text: string };
function crash(reason: Reason): void {}
setTimeout((): void => crash({ text: 'no' }), 9);
`;

/** Frames of functions that begin at these offsets of the text that V8 compiled. */
function placed(positions: Record<string, number>, file: string): string[] {
  const calls: JavaScriptCall[] = Object.entries(positions).map(([name, position], index) => ({
    ...{ address: BigInt(index + 1), function: name, script: file, position },
  }));
  const frames = calls.map(({ address }) => ({
    ...{
      address,
      isReturnAddress: true,
      function: null,
      rawSymbol: null,
      file: null,
      line: null,
      column: null,
    },
    ...{ module: null, moduleOffset: null, buildId: null, inlined: false, trust: 'cfi' },
  }));
  const input = {
    record: {
      executable: '/usr/bin/node',
      calls,
      fault: {},
      registers: [],
      missingThreads: 0,
      dumpProblems: [],
      hasDump: true,
    },
    stack: { threads: [{ tid: 1, crashed: true, frames }], tool: 'gdb', problems: [] },
    cxxExceptionType: null,
  } as unknown as NativeInput;
  const readSource = () => SOURCE;
  const resolver = new FrameResolver({
    ...{ appRoot: '/srv', claim: null, readSource, isOnDisk: () => true },
    symbols: { mapFrames: (each) => [...each], problems: () => [] },
    scripts: { hashes: () => [], strippedHashes: () => [], changedAtMs: () => null },
  });
  return nativeFindings(input, '/srv', resolver, readSource).frames.map(
    ({ function: name, line, column, noLine }) => `${name} ${noLine ?? `${line}:${column}`}`,
  );
}

const AS_ON_DISK = { crash: SOURCE.indexOf('(reason'), '': SOURCE.indexOf('(): void') };
const MOVED = { crash: SOURCE.indexOf('(reason') - 20, '': SOURCE.indexOf('(): void') - 20 };

test('TypeScript that ran as it is on disk: where each function begins', () => {
  assert.deepEqual(placed(AS_ON_DISK, '/srv/a.ts'), ['crash 2:15', ' 3:12']);
});

test('TypeScript that was transpiled in memory has no lines', () => {
  assert.deepEqual(placed(MOVED, '/srv/a.ts'), ['crash transpiled', ' transpiled']);
  assert.deepEqual(placed({ '': AS_ON_DISK[''] }, '/srv/a.ts'), [' transpiled']);
});

test('JavaScript is believed', () => {
  assert.deepEqual(placed(AS_ON_DISK, '/srv/a.js'), ['crash 2:15', ' 3:12']);
});

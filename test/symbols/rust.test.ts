import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { toFrames } from '../../src/analysis/native-frames.ts';
import { unwindCore } from '../../src/symbols/native/unwind-core.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { fullCore } from '../support/native/full-core.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const SOURCE = path.join(CHECKOUT, 'test', 'fixtures', 'native', 'crashes-in-generics.rs');

for (const [what, flags] of [
  ['with debug information', ['-g', '-O', '-C', 'symbol-mangling-version=v0']],
  ['without', ['-O', '-C', 'symbol-mangling-version=v0']],
] as const) {
  test(`a Rust program ${what}`, async () => {
    await using directory = await temporaryDirectory('rust');
    const executable = path.join(directory.path, 'program');
    execFileSync('rustc', ['--edition=2021', ...flags, '-o', executable, SOURCE]);
    const corePath = await fullCore([executable], directory.path);
    const stack = await unwindCore({ corePath, executable, timeoutMs: 240_000 });
    const names = toFrames(stack.threads[0]?.frames ?? [], { executable, appRoot: '' })
      .filter(({ inApp }) => inApp)
      .map((frame) => frame.function?.replace(/^program::|^crashes_in_generics::/, ''));
    assert.deepEqual(stack.problems, []);
    assert.equal(stack.tool, 'eu-stack');
    const inlined = stack.threads[0]?.frames.filter((frame) => frame.inlined) ?? [];
    assert.ok(inlined.length > 0, "Rust's own library always has some");
    assert.match(names.join('\n'), /price[\s\S]*größe[\s\S]*main::\{closure#0\}[\s\S]*apply[\s\S]*main/);
    assert.ok(stack.threads[0]?.frames.every(({ buildId }) => buildId !== null));
    assert.ok(!names.join().includes('_R'));
  });
}

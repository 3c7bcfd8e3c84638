import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { classifyFault } from '../../src/analysis/fault/classify-fault.ts';
import { writeTrimmedCore } from '../../src/capture/native/trimmed-core.ts';
import { inTurn } from '../support/matrix.ts';
import { type NativeCompiler, nativeCompiler } from '../support/native/compile.ts';
import { crashed } from '../support/native/crashed.ts';
import { euStackFrames, gdbFrames } from '../support/native/unwind.ts';
import { crashesFrom } from './crashes.ts';

const FRAMES = 30;
/** They unwind in ways of their own. */
const TOOLS = ['gdb', 'eu-stack'] as const;
const MEGABYTE = 1024 * 1024;

describe('a trimmed core unwinds to the frames of the full one, and its death is classified', () => {
  let compiler: NativeCompiler;
  before(async () => {
    compiler = await nativeCompiler();
  });
  after(() => compiler[Symbol.asyncDispose]());

  const tools = inTurn(TOOLS);
  for (const crash of crashesFrom('full core')) {
    const used = tools();
    const { fixture, args, flags, expected } = crash;
    test([fixture, ...args, ...flags].join(' '), { timeout: 180_000 }, async (context) => {
      await using dead = await crashed(compiler, crash);
      const { executable, core, coreBytes, snapshot } = dead;

      const classified = classifyFault(snapshot);
      assert.deepEqual({ ...classified, ...expected }, classified);

      const started = performance.now();
      const { chunks, sizeBytes } = writeTrimmedCore(snapshot);
      const trimMs = performance.now() - started;
      const trimmed = path.join(dead.directory, 'trimmed');
      const content = Buffer.concat(chunks);
      assert.equal(content.length, sizeBytes);
      await writeFile(trimmed, content);
      context.diagnostic(
        `${(sizeBytes / 1024).toFixed(0)} of ${(coreBytes / 1024).toFixed(0)} KB in ${trimMs.toFixed(1)} ms`,
      );
      if (coreBytes >= 100 * MEGABYTE) assert.ok(sizeBytes <= coreBytes / 100, 'at most a hundredth');

      if (used.includes('gdb')) {
        const [whole, part] = await Promise.all(
          [core, trimmed].map((file) => gdbFrames(executable, file, FRAMES)),
        );
        assert.ok((whole?.length ?? 0) >= 1, 'gdb prints frames at all');
        assert.deepEqual(part, whole);
      }
      if (used.includes('eu-stack')) {
        const [whole, part] = await Promise.all(
          [core, trimmed].map((file) => euStackFrames(executable, file, FRAMES)),
        );
        assert.ok((whole?.[0]?.length ?? 0) >= 1, 'eu-stack prints frames at all');
        assert.deepEqual(part, whole);
        assert.equal(part?.length, snapshot.threads.length);
      }
    });
  }
});

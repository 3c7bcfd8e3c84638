import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { nativeCompiler } from '../native/compile.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { goCore, toSignal } from './go-core.ts';
import { DYING, keptAndWhole } from './kept-and-whole.ts';

/** What a debugger says of the crashing thread's frames, less what differs from one process of a program to the next. */
type FramesOf = (program: string, core: string) => Promise<string[]>;

/** Tests that a debugger shows of kept dumps what it shows of whole cores. */
export async function testSameFrames(name: string, framesOf: FramesOf, limitMs: number): Promise<void> {
  const compiler = await nativeCompiler();
  after(() => compiler[Symbol.asyncDispose]());

  describe(`${name} shows of a kept dump the frames of the whole core`, () => {
    for (const [language, commandIn] of Object.entries(DYING)) {
      test(language, { timeout: limitMs }, async () => {
        await using directory = await temporaryDirectory('kept');
        const command = await commandIn(directory.path, (source) => compiler.compile(source));
        const { program, whole, kept } = await keptAndWhole(command, directory.path);
        const expected = await framesOf(program, whole);
        assert.ok(expected.length >= 2, 'frames are printed at all');
        assert.deepEqual(await framesOf(program, kept), expected);
      });
    }

    test('Go: of its own core, in a session as without', async () => {
      await using directory = await temporaryDirectory('kept');
      const { program, alone, inSession } = await goCore(directory.path);
      const expected = toSignal(await framesOf(program, alone));
      assert.match(expected.join('\n'), /runtime\.raise[\s\S]*runtime\.sigtramp/);
      assert.deepEqual(toSignal(await framesOf(program, inSession)), expected);
    });
  });
}

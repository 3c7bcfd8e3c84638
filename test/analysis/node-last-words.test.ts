import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { parseNodeDeath } from '../../src/formats/crash-output/node-death.ts';
import { parseThrowSite } from '../../src/formats/crash-output/throw-site.ts';
import { nodeBinaries } from '../support/node-versions.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { runToDeath } from './run-to-death.ts';

const PREFIX = 'a line of an earlier life\n'.length;

/** What Node shows of a throw, by what was thrown. */
const throws = [
  {
    name: 'tabs.js',
    text: 'if (1) {\n\tconst a = 1; throw "private\\n    at x (/a.js:1:1)";\n}',
    line: 2,
    column: 15,
  },
  { name: 'wide.js', text: '"é😀ü"; throw 1\r\n// end', line: 1, column: 9 },
  { name: 'undefined.js', text: '\n\nthrow undefined', line: 3, column: 1 },
  {
    name: 'no-frames.js',
    text: 'const e = new Error("private");\ne.stack = undefined;\n  throw e',
    line: 3,
    column: 3,
  },
  { name: 'long.js', text: `/*${'x'.repeat(2000)}*/ throw 1`, line: 1, column: null },
  { name: 'a (b): c:1:2.js', text: 'throw {}', line: 1, column: 1 },
] as const;

for (const node of nodeBinaries()) {
  test(`Node ${node.major}: the place of a throw`, async () => {
    await using directory = await temporaryDirectory('throw');
    for (const { name, text, line, column } of throws) {
      const file = path.join(directory.path, name);
      await writeFile(file, text);
      const { stderr } = await runToDeath(node.path, [file], { directory: directory.path, armed: false });
      const site = parseThrowSite(stderr.subarray(PREFIX).toString());
      assert.equal(site?.file, file);
      assert.deepEqual([site?.line, site?.column], [line, column], name);
      assert.equal(site?.sourceLine, text.split(/\r?\n/)[line - 1]);
      assert.match(parseNodeDeath(stderr.toString()).fatalTrailer ?? '', new RegExp(`^v${node.major}\\.`));
    }
  });

  test(`Node ${node.major}: a rejection, an abort, exhausted memory`, async () => {
    await using directory = await temporaryDirectory('words');
    const death = async (text: string, flags: string[] = []) => {
      const file = path.join(directory.path, 'die.js');
      await writeFile(file, text);
      const died = await runToDeath(node.path, [...flags, file], { directory: directory.path, armed: false });
      return { ...died, words: parseNodeDeath(died.stderr.toString()) };
    };

    const rejection = await death('Promise.reject("private")');
    assert.equal(rejection.words.unhandledRejection, true);

    const abort = await death('function giveUp() { process.abort(); }\ngiveUp();');
    assert.equal(abort.words.abort, true);
    assert.equal(abort.words.outOfMemory, null);
    assert.equal(abort.words.fatalTrailer, null);
    if (node.major >= 20) {
      assert.deepEqual(
        [abort.words.abortFrames[0]?.function, abort.words.abortFrames[0]?.line],
        ['giveUp', 1],
      );
    }

    const fill = 'const all = []; for (;;) all.push(new Array(1000).fill(1.5));';
    const memory = await death(fill, ['--max-old-space-size=30']);
    assert.deepEqual(memory.status, { type: 'signal', signal: 'SIGABRT' });
    const usedMegabytes = (memory.words.outOfMemory?.usedBytes ?? 0) / 1024 / 1024;
    assert.ok(usedMegabytes > 10 && usedMegabytes < 100, `${usedMegabytes} MB used`);
  });
}

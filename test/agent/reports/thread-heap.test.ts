import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { crashmon } from '../../support/crashmon.ts';
import { nodeBinary } from '../../support/node-versions.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { untilReported } from '../../support/until-reported.ts';

/** Strings that are made faster than V8 can stop the thread: it ends the whole process. */
const MAIN = `const { Worker, isMainThread } = require('node:worker_threads');
if (isMainThread) {
  setTimeout(() => new Worker(__filename, { resourceLimits: { maxOldGenerationSizeMb: 100, maxYoungGenerationSizeMb: 100 } }), 1000);
} else {
  const pages = [];
  const text = 'some page'.repeat(120000);
  const render = (n) => {
    const at = (n * 7919) % text.length;
    pages.push(text.slice(0, at) + '<b>' + n + text.slice(at));
  };
  setTimeout(() => {
    for (let n = 0; ; n++) render(n);
  }, 300);
}`;

test('the heap of a worker thread: its own limit, not that of the main thread', async () => {
  await using directory = await temporaryDirectory('thread-heap');
  const stateDir = path.join(directory.path, 'state');
  const script = path.join(directory.path, 'main.js');
  await writeFile(script, MAIN);
  const options = ['--name', 'shop', '--arm-after', '0', '--cooldown', '0', '--restart', 'never'];
  const ended = await crashmon(['run', ...options, '--', nodeBinary(20).path, script], { stateDir });
  assert.equal(ended.code ?? ended.signal, 'SIGABRT', ended.stderr);
  const report = await untilReported(stateDir);
  assert.equal(report.kind, 'out-of-memory');
  assert.equal(report.heap?.limitBytes, null);
  const { stdout } = await crashmon(['show'], { stateDir });
  assert.match(stdout, /Thread +a worker thread \(worker_threads\)/);
  assert.match(stdout, /Known cause: A worker thread ran out of memory/);
  assert.doesNotMatch(stdout, /Raise --max-old-space-size/);
});

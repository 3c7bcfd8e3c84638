import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { inTurn } from '../support/matrix.ts';
import { type NodeBinary, nodeBinaries } from '../support/node-versions.ts';
import { FIXTURES, runBoth, runProbed, visible } from './run-probed.ts';

/** For what no version does differently. */
const inSomeVersion = inTurn(nodeBinaries());

async function first({ path: node }: NodeBinary, ...args: string[]) {
  const run = await runProbed(node, args);
  const [record] = run.records;
  assert.ok(record);
  return { run, record };
}

describe('what a record says', { concurrency: 2 }, () => {
  for (const node of inSomeVersion())
    test(`Node ${node.version}: the claim and the moment`, async () => {
      const { run, record } = await first(node, 'throws-after-stack-was-read.cjs');
      assert.equal(run.claim?.mainScript, `${FIXTURES}/throws-after-stack-was-read.cjs`);
      assert.equal(run.claim?.cwd, FIXTURES);
      assert.equal(run.claim?.execPath, node.path);
      assert.deepEqual(run.claim?.heapFlags, []);
      assert.equal(record.pid, run.claim?.pid);
      // Where Node's own words at death begin in the file behind standard error.
      assert.match(run.stderr.slice(Number(record.stderrOffset)), /^\S*throws-after-stack-was-read\.cjs:5\n/);
    });

  for (const node of nodeBinaries())
    test(`Node ${node.version}: positions, async and made-up frames`, async () => {
      const { record } = await first(node, 'rejects-in-promise-all.cjs');
      const frames = record.thrown?.frames.slice(0, 3);
      const file = `${FIXTURES}/rejects-in-promise-all.cjs`;
      // V8 has hashes since Node 20.
      const text = createHash('sha256').update(readFileSync(file)).digest('hex');
      const hash = node.version === 18 ? {} : { scriptHash: text };
      assert.deepEqual(frames, [
        { function: 'slow', file, line: 3, column: 9, async: false, ...hash },
        { function: 'Promise.all', file: null, line: null, column: null, async: true },
        { function: 'all', file, line: 6, column: 3, async: true, ...hash },
      ]);
    });

  for (const node of nodeBinaries())
    test(`Node ${node.version}: generated positions although source maps are on`, async () => {
      const { run, record } = await first(node, '--enable-source-maps', 'throws-bundled.cjs');
      assert.match(run.stderr, /throws-bundled\.ts:2:9/);
      // Node 18 offers no way to both see call sites and leave its own text alone.
      const [line, source] = node.version === 18 ? [2, 'text'] : [1, 'call-site'];
      assert.equal(record.thrown?.frameSource, source);
      assert.equal(record.thrown?.frames[0]?.line, line);
      const printed = node.version === 18 ? undefined : 2;
      assert.equal(record.thrown?.frames[0]?.printed?.line, printed);
    });

  for (const node of inSomeVersion())
    test(`Node ${node.version}: evaluated code, an ES module, an exhausted stack`, async () => {
      const evaluated = (await first(node, 'throws-in-eval.cjs')).record.thrown?.frames[0];
      assert.equal(evaluated?.file, `eval at run (${FIXTURES}/throws-in-eval.cjs:3:3)`);
      const module = (await first(node, 'throws-error.mjs')).record.thrown;
      assert.equal(module?.frames[0]?.file, `file://${FIXTURES}/throws-error.mjs`);
      assert.equal(module?.stackOverflow, false);
      assert.equal((await first(node, 'overflows-stack.cjs')).record.thrown?.stackOverflow, true);
    });

  for (const node of inSomeVersion())
    test(`Node ${node.version}: causes, members and codes`, async () => {
      const chain = (await first(node, 'throws-cause-chain.cjs')).record.thrown;
      assert.deepEqual([chain?.cause?.code, chain?.cause?.frames[0]?.function], ['ECONNRESET', 'query']);
      const aggregate = (await first(node, 'throws-aggregate.cjs')).record.thrown;
      assert.deepEqual([aggregate?.errors.length, aggregate?.errorsTotal], [10, 5000]);
      assert.equal(aggregate?.errors[9]?.message, 'attempt 9');
    });

  for (const node of nodeBinaries())
    test(`Node ${node.version}: fake frames of a message are not frames`, async () => {
      for (const args of [[], ['read']]) {
        const { record } = await first(node, 'throws-fake-frames.cjs', ...args);
        const frames = record.thrown?.frames ?? [];
        assert.ok(frames.length > 0);
        assert.ok(frames.every((frame) => frame.function !== 'secret' && !frame.file?.startsWith('/etc/')));
      }
    });

  for (const node of inSomeVersion())
    test(`Node ${node.version}: exceptions without end are bounded, the newest is kept`, async () => {
      const { plain, probed } = await runBoth(node, ['survives-many-errors.cjs']);
      assert.deepEqual(visible(probed), visible(plain));
      assert.ok(probed.records.length <= 10);
      assert.equal(probed.records.at(-1)?.thrown?.message, 'survived, 0 left');
    });

  for (const node of inSomeVersion())
    test(`Node ${node.version}: not even too many open files are in the way`, async () => {
      const script = `ulimit -n 64; exec '${node.path}' opens-too-many-files.cjs`;
      const run = await runProbed('/bin/sh', ['-c', script]);
      assert.equal(run.code, 1);
      assert.equal(run.records[0]?.thrown?.code, 'EMFILE');
      assert.ok(run.records[0]?.thrown?.frames.some((frame) => frame.function === 'openMore'));
    });
});

import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { mergeJavaScript } from '../../../src/analysis/merge-javascript.ts';
import { CHECKOUT } from '../../support/crashmon.ts';
import { inTurn } from '../../support/matrix.ts';
import { nativeCompiler } from '../../support/native/compile.ts';
import { type Death, dieUnderDebugger } from '../../support/native/die-under-debugger.ts';
import { javaScriptCallsOf } from '../../support/native/javascript-calls-of.ts';
import { nodeBinaries } from '../../support/node-versions.ts';
import { type ProgramResult, startProgram } from '../../support/run-program.ts';

const FIXTURE = path.join(CHECKOUT, 'test', 'fixtures', 'native', 'dies-in-calls.cjs');

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());
const library = await compiler.compile('addon.c', ['-g', '-O1', '-shared', '-fPIC', '-fvisibility=hidden']);
const addon = `${library}.node`;
await copyFile(library, addon);

type NodeDeath = Death<ReturnType<typeof javaScriptCallsOf>> & { exit: ProgramResult; names: string[] };

async function deathOf(node: string, how: string): Promise<NodeDeath> {
  await using worker = startProgram(node, ['--max-old-space-size=30', FIXTURE, how, addon], {
    input: 'open',
  });
  await worker.waitForLine('stdout', /^ready$/);
  const ask = () => void worker.stdin.write('\n');
  const death = await dieUnderDebugger(worker.pid, ask, { look: javaScriptCallsOf });
  const frames = mergeJavaScript(death.stack?.threads[0]?.frames ?? [], death.seen ?? []);
  return { ...death, exit: await worker.exited, names: frames.map(nameOf) };
}

/** `js:` before functions of the fixture, to distinguish them from machine code. */
function nameOf(frame: ReturnType<typeof mergeJavaScript>[number]): string {
  if (!('script' in frame)) return frame.function ?? '?';
  return frame.script === FIXTURE ? `js:${frame.function ?? 'anonymous'}` : `node:${frame.function}`;
}

/** Functions that V8 put into others have no frame: `resizeAll` and the function that it maps with may be missing. */
const REQUEST = /^js:resizeOne\n.*^js:handleRequest\njs:anonymous\nnode:/ms;

const nodes = inTurn(nodeBinaries());

describe('Node that dies', () => {
  for (const { version, path: node } of nodes())
    test(`Node ${version}: of a fault in an addon`, async () => {
      const { end, exit, events, fault, names, stack } = await deathOf(node, 'addon');
      assert.equal(exit.signal, 'SIGSEGV');
      assert.ok(end.type === 'killed' && end.signal === 11 && end.capture !== null);
      // Node looks whether it is WebAssembly's, and raises it again while it is blocked.
      const outcomes = events.map((event) => event.type === 'first-chance' && event.outcome);
      assert.deepEqual(outcomes, ['captured', 'raised-by-handler']);
      assert.equal(end.capture.handled, true);
      assert.equal(fault?.summary, 'null-access');
      assert.equal(fault.faultAddress, 0n);
      assert.deepEqual(names.slice(0, 3), ['scale', 'resize', 'write_null']);
      assert.equal(stack?.threads[0]?.frames[0]?.line, 11);
      assert.match(names.join('\n'), REQUEST);
      assert.ok(!names.includes('?'), names.join('\n'));
    });

  for (const { version, path: node } of nodes())
    test(`Node ${version}: by process.abort`, async () => {
      const { end, exit, fault, names } = await deathOf(node, 'abort');
      assert.equal(exit.signal, 'SIGABRT');
      assert.ok(end.type === 'killed' && end.signal === 6 && end.capture !== null);
      assert.equal(fault?.kind, 'abort');
      assert.ok(names.indexOf('js:abort') > names.findIndex((name) => name.startsWith('node::Abort(')));
      assert.match(names.join('\n'), REQUEST);
    });

  for (const { version, path: node } of nodes())
    test(`Node ${version}: because the heap is exhausted`, async () => {
      const { end, exit, fault, names } = await deathOf(node, 'memory');
      assert.equal(exit.signal, 'SIGABRT');
      assert.match(exit.stderr, /JavaScript heap out of memory/);
      assert.ok(end.type === 'killed' && end.signal === 6 && end.capture !== null);
      assert.equal(fault?.kind, 'abort');
      assert.ok(
        names.some((name) => name.startsWith('node::OOMErrorHandler(')),
        names.join('\n'),
      );
      assert.match(names.join('\n'), /^js:fillMemory\njs:memory\njs:resizeOne\n/m);
      assert.match(names.join('\n'), REQUEST);
    });
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { ProbeLine } from '../../src/formats/probe-record/probe-lines.ts';
import { ProbeClaims } from '../../src/host/probe/probe-claims.ts';
import { ProbeFifo } from '../../src/host/probe/probe-fifo.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { nodeBinaries } from '../support/node-versions.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const PROBE = path.join(CHECKOUT, 'src/probe/bundled/probe.cjs');
/** Throws a message of so many characters once a line comes. */
const APP = `
process.stdin.once('data', () => { throw new TypeError('x'.repeat(Number(process.argv[1]))); });
console.log(JSON.stringify([process.env.NODE_OPTIONS, process.env.CRASHMON_PROBE_FIFO]));
`;

type Program = { pid: number; ready: Promise<unknown>; end(): Promise<{ code: number; stdout: string }> };

function start(node: string, fifo: string, length: number): Program {
  const env = { PATH: process.env.PATH, NODE_OPTIONS: `--require ${PROBE}`, CRASHMON_PROBE_FIFO: fifo };
  const child = spawn(node, ['-e', APP, String(length)], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const output = text(child.stdout);
  return {
    pid: child.pid ?? 0,
    ready: once(child.stdout, 'data'),
    async end() {
      const exit = once(child, 'exit');
      child.stdin.write('\n');
      const [[code], stdout] = await Promise.all([exit, output]);
      return { code, stdout };
    },
  };
}

test('a probe without a directory writes its records into a FIFO, in pieces, and never waits', async () => {
  await using directory = await temporaryDirectory('fifo');
  const lines: ProbeLine[] = [];
  const fifo = await ProbeFifo.make(path.join(directory.path, 'fifo'), (line) => lines.push(line));
  for (const { path: node, version } of nodeBinaries()) {
    const claims = new ProbeClaims();
    const program = start(node, fifo.path, 20_000);
    await program.ready;
    const { code, stdout } = await program.end();
    assert.deepEqual([code, stdout], [1, '[null,null]\n'], `Node ${version}`);
    fifo.drain();
    for (const line of lines.splice(0)) claims.add(line);
    const records = claims.take(program.pid);
    assert.deepEqual(
      records?.map(({ event, thrown }) => [event, thrown?.type, thrown?.message.length]),
      [['uncaught', 'TypeError', 20_000]],
    );
    assert.equal(records?.[0]?.stderrOffset, null);
  }
  // Too much for the FIFO: no record.
  const long = start(process.execPath, fifo.path, 100_000);
  assert.equal((await long.end()).code, 1);
  fifo.drain();
  assert.deepEqual(lines.splice(0), [{ type: 'claim', pid: long.pid }]);
  // The reader ends while it runs; there is none; there is no FIFO.
  const left = start(process.execPath, fifo.path, 5);
  await left.ready;
  fifo.close();
  assert.equal((await left.end()).code, 1);
  for (const name of [fifo.path, path.join(directory.path, 'none')]) {
    const { code, stdout } = await start(process.execPath, name, 5).end();
    assert.deepEqual([code, stdout], [1, '[null,null]\n'], name);
  }
});

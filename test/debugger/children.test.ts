import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { nativeCompiler } from '../support/native/compile.ts';
import { attach, startReady } from './debugged.ts';

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());

test('children run untraced, and threads start and end as ever', async () => {
  await using worker = await startReady(await compiler.compile('starts-children.c'));
  const say = async () => {
    const from = worker.stdout.length;
    worker.stdin.write('\n');
    await worker.waitForLine('stdout', /^done$/, from);
    return worker.stdout.slice(from);
  };
  const alone = await say();
  await using session = await attach(worker.pid);
  assert.equal(await say(), alone);
  assert.match(
    alone,
    /^fork exited 5\nfork-crash killed 11\nvfork exited 5\nspawn exited 5\nthreads 19900$/m,
  );
  assert.deepEqual(session.events, []);
  worker.stdin.end();
  assert.deepEqual(await session.ended, { type: 'exited', code: 0 });
});

test('a worker that executes another program is captured in that', async () => {
  const other = await compiler.compile('dies-of-signal.c');
  await using worker = await startReady(await compiler.compile('executes-another.c'), other, 'SIGSEGV', '3');
  await using session = await attach(worker.pid);
  const from = worker.stdout.length;
  worker.stdin.write('\n');
  await worker.waitForLine('stdout', /^ready$/, from);
  assert.deepEqual(session.events, [{ type: 'exec' }]);
  worker.stdin.write('\n');
  const end = await session.ended;
  assert.ok(end.type === 'killed' && end.signal === 11 && end.capture !== null);
  assert.equal(end.capture.value.snapshot.executable, other);
  assert.equal(end.capture.value.snapshot.threads.length, 3);
});

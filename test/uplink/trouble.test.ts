import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { statusOf } from '../agent/run-worker.ts';
import { crashmon } from '../support/crashmon.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { answer, type Behavior, Receiver, take } from '../support/telemetry/receiver.ts';
import { crash, recordedCrashes, runApp, slotOf, waitingRecords } from './run-app.ts';

const uids = (records: readonly { uid: string }[]) => records.map(({ uid }) => uid);

test('a record that may have arrived is sent again as it was', async () => {
  await using state = await stateDirectory();
  // It has the request, but does not say so.
  await using receiver = await Receiver.start((_, response) => void response.destroy());
  await using app = runApp(state.path, receiver);
  await app.waitForLine('stdout', /ready/);
  await crash(app);
  await receiver.until(({ requests }) =>
    requests.some(({ records }) => records.some((r) => r.type === 'crash')),
  );
  const first = receiver.requests.flatMap(({ records }) => records).find(({ type }) => type === 'crash');
  receiver.behave = take;
  const again = await receiver.record('crash');
  assert.deepEqual(again, first);
  app.kill('SIGTERM');
  await app.exited;
});

test('a receiver that never answers delays no restart', async () => {
  await using state = await stateDirectory();
  let answered = 0;
  await using receiver = await Receiver.start((_, response) => void response.once('close', () => answered++));
  await using app = runApp(state.path, receiver);
  await receiver.until(({ requests }) => requests.length === 1);
  await app.waitForLine('stdout', /ready/);
  for (let number = 0; number < 5; number++) await crash(app);
  // Five restarts went by while the first request still hangs.
  assert.deepEqual([receiver.requests.length, answered], [1, 0]);
  app.kill('SIGTERM');
  await app.exited;
  // A journal that is held by a reader is written to later.
  assert.equal(recordedCrashes(state.path).length, 5);
});

const BAD: Record<string, Behavior> = {
  'a page for people': (_, response) => void response.end('<html>Sign in</html>'),
  'an endless answer': (_, response) => {
    const chunk = Buffer.alloc(64 * 1024, ' ');
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    more();
  },
  'half an answer': (_, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('{');
    response.socket?.destroy();
  },
  'a redirect': answer(307, { location: 'http://127.0.0.1:1/alice' }),
  'no HTTP': (_, response) => {
    response.socket?.end('alice\r\n\r\n');
  },
  'an unknown status': answer(599),
  'a page that is not there': answer(404),
};

for (const [name, behave] of Object.entries(BAD)) {
  test(`${name} loses nothing, and status says what is wrong`, async () => {
    await using state = await stateDirectory();
    await using receiver = await Receiver.start(behave);
    await using app = runApp(state.path, receiver);
    await receiver.until(({ requests }) => requests.length >= 2);
    const uplink = statusOf(state.path)[0]?.uplink;
    assert.ok(uplink?.failure);
    assert.match(uplink.failure.message, /\breceiver\b/);
    assert.ok(!uplink.failure.message.includes('alice'), uplink.failure.message);
    assert.ok(uplink.waiting >= 2);
    receiver.behave = take;
    await receiver.record('heartbeat');
    await receiver.record('state');
    app.kill('SIGTERM');
    await app.exited;
  });
}

test('the one record that is rejected is dropped and counted, its neighbors arrive', async () => {
  await using state = await stateDirectory();
  const refuse: Behavior = (request, response) =>
    request.records.some(({ type }) => type === 'state')
      ? answer(400)(request, response)
      : take(request, response);
  await using receiver = await Receiver.start(refuse);
  await using app = runApp(state.path, receiver);
  await app.waitForLine('stderr', /was dropped/);
  const lost = await receiver.record('loss');
  assert.equal(lost.count, 1);
  await receiver.record('heartbeat');
  app.kill('SIGTERM');
  await app.exited;
  assert.ok(!receiver.taken.some(({ type }) => type === 'state'));
});

test('what a receiver rejects of a batch is not sent again, and reported once', async () => {
  await using state = await stateDirectory();
  await using receiver = await Receiver.start((_, response) => {
    const partialSuccess = { rejectedLogRecords: '1', errorMessage: 'too\u001b[2Jold' };
    response.end(JSON.stringify({ partialSuccess }));
  });
  await using app = runApp(state.path, receiver);
  await app.waitForLine('stderr', /rejected 1 of \d\. It says: too \[2Jold/);
  await app.waitForLine('stdout', /ready/);
  await crash(app);
  await receiver.record('crash');
  app.kill('SIGTERM');
  await app.exited;
  assert.equal(new Set(uids(receiver.taken)).size, receiver.taken.length);
  assert.equal(app.stderr.match(/rejected/g)?.length, 1);
});

test('who is asked to wait waits', async () => {
  await using state = await stateDirectory();
  const times: number[] = [];
  await using receiver = await Receiver.start((request, response) => {
    times.push(performance.now());
    (times.length === 1 ? answer(429, { 'retry-after': '2' }) : take)(request, response);
  });
  await using app = runApp(state.path, receiver);
  await receiver.record('heartbeat');
  app.kill('SIGTERM');
  await app.exited;
  assert.ok((times[1] ?? 0) - (times[0] ?? 0) >= 2_000);
});

test('what a stopped crashmon could not send, the next one does', async () => {
  await using state = await stateDirectory();
  await using receiver = await Receiver.start(answer(503));
  {
    await using app = runApp(state.path, receiver);
    await app.waitForLine('stdout', /ready/);
    await crash(app);
    app.kill('SIGTERM');
    await app.exited;
  }
  assert.ok(waitingRecords(state.path) >= 3);
  receiver.behave = take;
  await using app = runApp(state.path, receiver);
  await receiver.record('crash');
  app.kill('SIGTERM');
  await app.exited;
  assert.deepEqual(uids(receiver.taken.filter(({ type }) => type === 'crash')), recordedCrashes(state.path));
});

test('a crash that could not be written down at once is sent when it could', async () => {
  await using state = await stateDirectory();
  await using receiver = await Receiver.start();
  await using app = runApp(state.path, receiver);
  await receiver.record('heartbeat');
  await app.waitForLine('stdout', /ready/);
  {
    using holder = new DatabaseSync(join(slotOf(state.path), 'journal.db'), { timeout: 60_000 });
    holder.exec('BEGIN IMMEDIATE');
    await crash(app);
    await crash(app);
  }
  const crashes = await receiver.until(({ taken }) => {
    const found = taken.filter(({ type }) => type === 'crash');
    return found.length >= 2 && uids(found);
  });
  app.kill('SIGTERM');
  await app.exited;
  assert.deepEqual(crashes.toSorted(), recordedCrashes(state.path).toSorted());
});

test('with an outer supervisor the next crashmon reports when the worker was back', async () => {
  await using state = await stateDirectory();
  await using receiver = await Receiver.start();
  const options = ['--restart', 'never'];
  {
    await using app = runApp(state.path, receiver, { script: "throw new Error('x')", options });
    assert.equal((await app.exited).code, 1);
  }
  await using app = runApp(state.path, receiver, { options });
  await app.waitForLine('stdout', /ready/);
  const back = await receiver.until(({ taken }) =>
    taken.find(
      (record) => record.type === 'back' || (record.type === 'crash' && record.backAfterMs !== null),
    ),
  );
  assert.ok('backAfterMs' in back && back.backAfterMs !== null && back.backAfterMs > 0);
  app.kill('SIGTERM');
  await app.exited;
});

test('doctor says whether records would be taken', async () => {
  await using state = await stateDirectory();
  await using receiver = await Receiver.start();
  const args = ['doctor', '--json', '--otlp-endpoint', receiver.url];
  const check = async () => {
    const { stdout } = await crashmon(args, { stateDir: state.path });
    type Check = { check: string; result: string; message: string };
    return JSON.parse(stdout).checks.find((one: Check) => one.check === 'uplink') as Check;
  };
  assert.equal((await check()).result, 'ok');
  assert.deepEqual(receiver.taken, []);
  receiver.behave = answer(403);
  assert.match(
    (await check()).message,
    /does not accept .* The receiver responded with 403: the token is not allowed to send/,
  );
});

test('a clock that differs from the receiver is reported once, and status says it', async () => {
  await using state = await stateDirectory();
  await using receiver = await Receiver.start((request, response) => {
    response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString());
    return take(request, response);
  });
  await using app = runApp(state.path, receiver);
  const words = /The clock here is 1 h ahead of the receiver's/;
  await app.waitForLine('stderr', words);
  const { stdout } = await crashmon(['status', '--json'], { stateDir: state.path });
  const { uplink } = JSON.parse(stdout).apps[0];
  assert.match(uplink.warning, words);
  assert.equal(uplink.failure, null);
  assert.match((await crashmon(['status'], { stateDir: state.path })).stdout.replaceAll(/\s+/g, ' '), words);
  app.kill('SIGTERM');
  await app.exited;
  assert.equal(app.stderr.match(/The clock here/g)?.length, 1);
});

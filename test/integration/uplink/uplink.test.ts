import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { CrashRecord } from '../../../src/model/telemetry.ts';
import { assertNothingLeft } from '../../support/leftovers.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { answer, Receiver, take } from '../../support/telemetry/receiver.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { exitsOf, fixture, startRun } from '../agent/run-worker.ts';

const MESSAGE = 'private-message-canary';
const SECRET = 'private-header-canary';

function options(receiver: Receiver, ...more: string[]): string[] {
  const fast = ['--restart-delay', '0', '--arm-after', '1', '--no-debugger'];
  return [...fast, '--otlp-endpoint', receiver.url, '--app-version', '1.2.3', ...more];
}

test('crashes, their capture and states reach a collector: each once, with the stack, without the message', async () => {
  await using state = await stateDirectory();
  await using directory = await temporaryDirectory('uplink');
  await using receiver = await Receiver.start();
  const lives = path.join(directory.path, 'lives');
  {
    await using run = startRun({
      stateDir: state.path,
      options: options(receiver, '--instance', 'web-1'),
      command: fixture('crashes-then-stays.cjs', lives, '3'),
      env: { CRASHMON_OTLP_HEADERS: `authorization=Bearer%20${SECRET}` },
    });
    const capture = await receiver.record('capture');
    assert.equal(capture.report.exceptionType, 'TypeError');
    assert.equal(capture.report.frames[0]?.function, 'order');
    const crashes = () => receiver.taken.filter(({ type }) => type === 'crash') as CrashRecord[];
    await receiver.until(() => crashes().length >= 3);
    await receiver.record('heartbeat');
    await receiver.record('state', (record) => record.state === 'cooling-down');

    const exits = (await exitsOf(state.path)).map(({ id }) => id).toSorted();
    assert.deepEqual(
      crashes()
        .map(({ crashId }) => crashId)
        .toSorted(),
      exits,
    );
    const captured = crashes().find(({ uid }) => uid === capture.crashUid);
    assert.equal(captured?.captured, true);
    assert.equal(captured?.kind, 'exception');
    run.kill('SIGTERM');
    await run.exited;
  }
  for (const { text, headers, resource, path: requested } of receiver.requests) {
    assert.equal(requested, '/v1/logs');
    assert.equal(headers.authorization, `Bearer ${SECRET}`);
    assert.deepEqual(
      [resource['service.name'], resource['service.instance.id'], resource['service.version']],
      ['app', 'web-1', '1.2.3'],
    );
    assert.ok(!text.includes(MESSAGE), 'the message left the instance');
    assert.ok(!text.includes(SECRET), 'a secret is in the body');
  }
  assert.ok(!readFileSync(lives, 'utf8').includes(SECRET), 'the worker was given the secret');
  await assertNothingLeft(state.path);
});

test('what could not be sent is sent by the next crashmon, each crash once', async () => {
  await using state = await stateDirectory();
  await using directory = await temporaryDirectory('uplink');
  await using receiver = await Receiver.start(answer(503));
  const lives = path.join(directory.path, 'lives');
  const command = fixture('crashes-then-stays.cjs', lives, '2');
  {
    await using first = startRun({ stateDir: state.path, options: options(receiver), command });
    await receiver.until(({ requests }) =>
      requests.some(({ records }) => records.some(({ type }) => type === 'crash')),
    );
    first.kill('SIGKILL');
    await first.exited;
  }
  assert.deepEqual(receiver.taken, []);
  receiver.behave = take;
  await using second = startRun({ stateDir: state.path, options: options(receiver), command });
  const crashes = () => receiver.taken.filter(({ type }) => type === 'crash');
  await receiver.until(() => crashes().length >= 2);
  // The group of the first one was killed, and its worker's end with it was no crash.
  const counted = (await exitsOf(state.path)).filter((exit) => exit.counted);
  const uids = new Set(crashes().map(({ uid }) => uid));
  assert.equal(uids.size, counted.length);
  second.kill('SIGTERM');
  await second.exited;
  await assertNothingLeft(state.path);
});

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crashmon, startCrashmon } from '../support/crashmon.ts';
import { assertNothingLeft, processesMarked } from '../support/leftovers.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { Receiver } from '../support/telemetry/receiver.ts';
import { CRASHES_ON_REQUEST, crash, recordedCrashes, runApp, TOKEN, waitingRecords } from './run-app.ts';

test('crashes, captures, states and heartbeats arrive once, in order, and say how the worker came back', async () => {
  await using state = await stateDirectory();
  await using receiver = await Receiver.start();
  const options = ['--arm-after', '1', '--app-version', '7.1'];
  await using app = runApp(state.path, receiver, { options });
  await app.waitForLine('stdout', /ready/);
  for (let number = 0; number < 3; number++) await crash(app);
  const uids = await receiver.until(({ taken }) => {
    const crashes = taken.filter(({ type }) => type === 'crash').map(({ uid }) => uid);
    return crashes.length === 3 && crashes;
  });
  // Of the first two, the last words.
  const captures = await receiver.until(({ taken }) => {
    const found = taken.flatMap((record) => (record.type === 'capture' ? [record] : []));
    return found.length === 3 && found;
  });
  const capture = captures.find(({ crashUid }) => crashUid === uids[2]);
  assert.ok(capture !== undefined);
  assert.deepEqual(captures.map(({ report }) => report.source).toSorted(), [
    'capture',
    'last-words',
    'last-words',
  ]);
  assert.equal(new Set(captures.map(({ title }) => title)).size, 1);
  app.kill('SIGTERM');
  await app.exited;

  assert.deepEqual(uids.toSorted(), recordedCrashes(state.path).toSorted());
  assert.deepEqual(uids, uids.toSorted());
  assert.equal(new Set(receiver.taken.map(({ uid }) => uid)).size, receiver.taken.length);
  assert.equal(capture.report.exceptionType, 'TypeError');
  assert.equal(capture.title, 'TypeError in [eval]');
  assert.ok(
    receiver.taken.every((record) => {
      return !('signatures' in record) || record.signatures.every((value) => /^v1:[\da-f]{16}$/.test(value));
    }),
  );
  const { stdout } = await crashmon(['show', '--json'], { stateDir: state.path });
  assert.deepEqual(JSON.parse(stdout).signature, { values: capture.signatures, title: capture.title });
  const states = receiver.taken.flatMap((record) =>
    record.type === 'state' ? [record.stopped ? 'stopped' : record.state] : [],
  );
  assert.deepEqual(states, ['watching', 'armed', 'cooling-down', 'stopped']);
  const beats = receiver.taken.flatMap((record) => (record.type === 'heartbeat' ? [record.stopped] : []));
  assert.deepEqual([beats.at(0), beats.at(-1)], [undefined, true]);
  assert.ok(receiver.taken.some(({ type }) => type === 'heartbeat'));
  const backs = receiver.taken.flatMap((record) => (record.type === 'back' ? [record.crashUid] : []));
  const known = receiver.taken.flatMap((record) =>
    record.type === 'crash' && record.backAfterMs !== null ? [record.uid] : [],
  );
  assert.deepEqual([...backs, ...known].toSorted(), uids, 'each crash got its restart once');
  for (const { path, headers, resource } of receiver.requests) {
    assert.equal(path, '/v1/logs');
    assert.equal(headers.authorization, `Bearer ${TOKEN}`);
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(resource['service.name'], 'shop');
    assert.equal(resource['service.version'], '7.1');
    assert.equal(resource['service.instance.id'], 'web-1');
  }
  assert.equal(waitingRecords(state.path), 0);
  await assertNothingLeft(state.path);
});

test('nothing private is in any byte that is sent, and no token where others could see it', async () => {
  await using state = await stateDirectory();
  await using receiver = await Receiver.start();
  const script = `
    process.title = 'canary-title';
    class Failure extends Error { constructor(m) { super(m); this.card = 'canary-field'; } }
    process.stdin.once('data', () => {
      console.error('canary-stderr');
      throw new Failure('canary-message', { cause: new Error('canary-cause') });
    });
    console.log('ready');`;
  await using app = runApp(state.path, receiver, {
    script,
    options: ['--arm-after', '0'],
    env: { CANARY: 'canary-env' },
  });
  await app.waitForLine('stdout', /ready/);
  const marked = processesMarked(state.path);
  assert.ok(marked.length >= 2, 'crashmon and its worker were checked');
  for (const { pid, commandLine } of marked) {
    assert.ok(!commandLine.includes(TOKEN), commandLine);
    if (pid === app.pid) continue;
    assert.ok(!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(TOKEN), commandLine);
  }
  await crash(app);
  await receiver.record('capture');
  app.kill('SIGTERM');
  await app.exited;
  const sent = receiver.requests.map(({ text, headers }) => text + JSON.stringify(headers)).join('\n');
  assert.ok(sent.includes('app.crash') && sent.includes('Failure'));
  assert.ok(!sent.includes('canary'), sent.match(/.{60}canary.{20}/)?.[0]);
  assert.ok(!sent.includes(state.path) && !receiver.requests.some(({ text }) => text.includes(TOKEN)));
});

test('a token in a file may be replaced while crashmon runs', async () => {
  await using state = await stateDirectory();
  await using receiver = await Receiver.start((request, response) => {
    response.writeHead(request.headers.authorization === 'Bearer new-token' ? 200 : 401).end();
  });
  const file = join(state.path, 'token');
  writeFileSync(file, 'old-token\n');
  await using app = runApp(state.path, receiver, {
    options: ['--portal-token-file', file],
    env: { CRASHMON_PORTAL_TOKEN: '' },
  });
  await receiver.until(({ requests }) => requests.length > 0);
  const { stdout } = await crashmon(['status'], { stateDir: state.path });
  assert.match(
    stdout.replaceAll(/\s+/g, ' '),
    /none delivered yet, \d records? waiting\. The receiver responded with 401: it rejected the token/,
  );
  writeFileSync(file, 'new-token\n');
  await receiver.record('heartbeat');
  app.kill('SIGTERM');
  await app.exited;
});

test('what is sent to an OpenTelemetry collector has its headers, also from the environment when asked', async () => {
  await using state = await stateDirectory();
  await using receiver = await Receiver.start();
  const command = ['--', process.execPath, '-e', CRASHES_ON_REQUEST];
  await using app = startCrashmon(
    ['run', '--name', 'shop', '--otlp-endpoint', 'env', '--otlp-header', 'x-tenant=a b', ...command],
    {
      stateDir: state.path,
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/base/`,
        OTEL_EXPORTER_OTLP_HEADERS: 'api-key=secret%20key,bad',
        CRASHMON_PORTAL_TOKEN: TOKEN,
      },
      input: 'open',
    },
  );
  await receiver.record('heartbeat');
  app.kill('SIGTERM');
  await app.exited;
  const [first] = receiver.requests;
  assert.ok(first !== undefined);
  const { path, headers } = first;
  assert.equal(path, '/base/v1/logs');
  assert.equal(headers['api-key'], 'secret key');
  assert.equal(headers['x-tenant'], 'a b');
  assert.equal(headers.authorization, undefined);
});

import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NOON_MS, sampleRun } from '../../test/support/journal/sample-run.ts';
import { temporaryDirectory } from '../../test/support/journal/temporary-directory.ts';
import { listJournals } from './list-journals.ts';
import { openJournalReadOnly } from './open-journal-read-only.ts';
import { listPrivateLogs, readPrivateLog, writePrivateLog } from './private-log.ts';
import { createRaw, deleteRaw, listRaw, rawDirectory } from './raw-capture.ts';
import { placeRequest, requestDirectory, takeRequests } from './requests.ts';

const id = (number: number) => sampleRun(number).id;

test('private logs are for their owner only, and the last 10 stay', () => {
  using directory = temporaryDirectory();
  for (let number = 1; number <= 13; number++) {
    writePrivateLog(directory.path, {
      id: id(number),
      diedAtMs: NOON_MS + number,
      text: `secret ${number}`,
      captured: true,
    });
  }
  const logs = listPrivateLogs(directory.path);
  assert.deepEqual(
    logs.map((log) => log.id),
    Array.from({ length: 10 }, (_, index) => id(13 - index)),
  );
  assert.equal(logs[0]?.diedAtMs, NOON_MS + 13);
  assert.match(logs[0]?.path ?? '', /crashdumps\/20260131T120000\.013Z-00000000000d\.log$/);
  for (const log of logs) assert.equal(statSync(log.path).mode & 0o777, 0o600);
  assert.equal(readPrivateLog(directory.path, id(13)), 'secret 13');
  assert.equal(readPrivateLog(directory.path, id(3)), null);
});

test('a log is replaced by a second one of the same crash, and a clock set back does not cost the newest', () => {
  using directory = temporaryDirectory();
  for (let number = 1; number <= 10; number++) {
    writePrivateLog(directory.path, {
      id: id(number),
      diedAtMs: NOON_MS + number,
      text: 'first',
      captured: true,
    });
  }
  writePrivateLog(directory.path, { id: id(10), diedAtMs: NOON_MS + 10, text: 'second', captured: true });
  assert.equal(listPrivateLogs(directory.path).length, 10);
  assert.equal(readPrivateLog(directory.path, id(10)), 'second');
  writePrivateLog(directory.path, { id: id(11), diedAtMs: 0, text: 'long ago', captured: true });
  assert.equal(readPrivateLog(directory.path, id(11)), 'long ago');
});

test('a log with a stack outlives those without, and takes the place of one without', () => {
  using directory = temporaryDirectory();
  const write = (number: number, captured: boolean) =>
    writePrivateLog(directory.path, { id: id(number), diedAtMs: NOON_MS + number, text: 'text', captured });
  write(1, false);
  write(1, true);
  for (let number = 2; number <= 15; number++) write(number, false);
  const logs = listPrivateLogs(directory.path);
  assert.equal(logs.length, 10);
  assert.deepEqual(
    logs.filter(({ captured }) => captured).map((log) => log.id),
    [id(1)],
  );
});

test('leftovers of a killed writer are swept, and planted links are not written through', () => {
  using directory = temporaryDirectory();
  const logs = join(directory.path, 'crashdumps');
  const target = join(directory.path, 'target');
  writeFileSync(target, 'kept');
  mkdirSync(logs, { mode: 0o700 });
  writeFileSync(join(logs, `.${id(1)}.tmp`), 'half');
  symlinkSync(target, join(logs, `.${id(2)}.tmp`));
  writePrivateLog(directory.path, { id: id(2), diedAtMs: NOON_MS, text: 'text', captured: true });
  assert.deepEqual(readdirSync(logs), [`20260131T120000.000Z-${id(2)}.log`]);
  assert.equal(readFileSync(target, 'utf8'), 'kept');
  assert.throws(
    () => writePrivateLog(directory.path, { id: '../../etc', diedAtMs: 0, text: '', captured: true }),
    RangeError,
  );
});

test('a raw capture is made once, found after a crash of ours, and deleted without following links', () => {
  using directory = temporaryDirectory();
  const outside = join(directory.path, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'file'), 'kept');
  assert.deepEqual(listRaw(directory.path), []);
  const raw = createRaw(directory.path, id(1));
  assert.equal(raw, rawDirectory(directory.path, id(1)));
  assert.equal(statSync(raw).mode & 0o777, 0o700);
  assert.throws(() => createRaw(directory.path, id(1)), { code: 'STATE_DIR_UNUSABLE' });
  symlinkSync(outside, join(raw, 'link'));
  assert.deepEqual(listRaw(directory.path), [id(1)]);
  deleteRaw(directory.path, id(1));
  deleteRaw(directory.path, id(1));
  assert.deepEqual(listRaw(directory.path), []);
  assert.ok(existsSync(join(outside, 'file')));
});

test('a request is taken once', () => {
  using directory = temporaryDirectory();
  assert.deepEqual(takeRequests(directory.path), []);
  mkdirSync(requestDirectory(directory.path));
  placeRequest(directory.path, 'restart');
  placeRequest(directory.path, 'restart');
  assert.deepEqual(takeRequests(directory.path), ['restart']);
  assert.deepEqual(takeRequests(directory.path), []);
});

test('journals are listed by app and instance', () => {
  using stateDir = temporaryDirectory();
  assert.deepEqual(listJournals(join(stateDir.path, 'none')), []);
  for (const path of ['shop/web-1', 'shop/web-1%7E2', 'a%2Fb/x']) {
    mkdirSync(join(stateDir.path, 'apps', path), { recursive: true });
  }
  writeFileSync(join(stateDir.path, 'apps', 'stray file'), '');
  assert.deepEqual(
    listJournals(stateDir.path).map(({ app, instance }) => [app, instance]),
    [
      ['a/b', 'x'],
      ['shop', 'web-1'],
      ['shop', 'web-1~2'],
    ],
  );
});

test('without permission to read the state, the error says so', () => {
  using stateDir = temporaryDirectory();
  mkdirSync(join(stateDir.path, 'apps', 'shop', 'web-1'), { recursive: true });
  const refusal = { code: 'STATE_DIR_UNUSABLE', message: /permission denied: run crashmon as the user/ };
  withoutPermission(stateDir.path, () => {
    assert.throws(() => listJournals(stateDir.path), refusal);
    assert.throws(() => openJournalReadOnly(join(stateDir.path, 'apps', 'shop', 'web-1')), refusal);
  });
});

/** Root can read everything, so another user does. */
function withoutPermission(path: string, operation: () => void): void {
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(65_534);
  else chmodSync(path, 0);
  try {
    operation();
  } finally {
    if (root) process.seteuid?.(0);
    else chmodSync(path, 0o700);
  }
}

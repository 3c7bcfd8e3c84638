import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import {
  instantAt,
  keepSample,
  prepareSample,
  type SampleDump,
} from '../../test/support/dumps/sample-dump.ts';
import { temporaryDirectory } from '../../test/support/journal/temporary-directory.ts';
import { CrashmonError } from '../model/crashmon-error.ts';
import { checkRecipient, openDump } from './encryption.ts';
import type { PreparedDump } from './keep-dump.ts';
import { bytesIn, listDumps, unfinishedIn } from './list-dumps.ts';
import { checkStore, makeStore } from './store-directory.ts';
import { deleteDump, sweepDumps } from './sweep-dumps.ts';

const NOW = 1_800_000_000_000;
const DAY = 24 * 60 * 60_000;
const YEAR = 365 * DAY;
const BIG = 2 ** 30;

async function opened(path: string, identities: string | null, mostBytes = BIG): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of openDump(path, identities, mostBytes)) pieces.push(piece);
  return Buffer.concat(pieces);
}

const CORE = Buffer.from('registers and stacks '.repeat(1000));

async function prepare(store: string, crash: string, more: Partial<SampleDump> = {}) {
  return await prepareSample({ store, crash, core: CORE, now: instantAt(NOW), ...more });
}

async function keep(store: string, crash: string, more: Partial<SampleDump> = {}): Promise<void> {
  await keepSample({ store, crash, core: CORE, now: instantAt(NOW), ...more });
}

describe('the store of dumps', () => {
  test('what is being written is listed, and not kept if that takes too long', async () => {
    using store = temporaryDirectory();
    const crash = 'aaaaaaaaaaaa';
    let seen: string[] = [];
    const prepared = await prepare(store.path, crash, {
      isTooLate: () => {
        seen = readdirSync(store.path);
        return true;
      },
    });
    assert.equal(prepared, 'too-slow');
    assert.deepEqual([seen, readdirSync(store.path)], [[`.${crash}.${process.pid}.core.tmp`], []]);
    writeFileSync(join(store.path, `.${crash}.${process.pid}.core.tmp`), 'half');
    const { pid } = spawnSync('true');
    writeFileSync(join(store.path, `.bbbbbbbbbbbb.${pid}.core.tmp`), 'of one that was killed');
    const unfinished = await unfinishedIn(store.path);
    assert.deepEqual(
      unfinished.map((each) => [each.crash, each.sizeBytes]),
      [[crash, 4]],
    );
  });

  test('a kept dump is 0600, whole, and comes back as it was', async () => {
    using store = temporaryDirectory();
    await keep(store.path, 'aaaaaaaaaaaa');
    const [dump] = await listDumps(store.path);
    assert.equal(dump?.facts.crash, 'aaaaaaaaaaaa');
    assert.equal(dump?.facts.coreBytes, CORE.length);
    for (const name of readdirSync(store.path))
      assert.equal(statSync(join(store.path, name)).mode & 0o777, 0o600);
    assert.deepEqual(await opened(dump?.path ?? '', null), CORE);
    await assert.rejects(opened(dump?.path ?? '', null, CORE.length - 1), CrashmonError);
    assert.equal(await prepare(store.path, 'aaaaaaaaaaaa'), null, 'a second analysis of the crash');
  });

  test('an encrypted dump needs its key', async () => {
    using store = temporaryDirectory();
    const [identity, other] = [await generateIdentity(), await generateIdentity()];
    await keep(store.path, 'aaaaaaaaaaaa', { recipient: await identityToRecipient(identity) });
    const file = join(store.path, 'aaaaaaaaaaaa.core.zst.age');
    assert.deepEqual(await opened(file, `# a comment\n${identity}\n`), CORE);
    for (const wrong of [other, 'no key']) await assert.rejects(opened(file, wrong), CrashmonError);
    await assert.rejects(opened(file, null), CrashmonError);
  });

  test('until it has its name it is no dump; what a killed writer left is removed', async () => {
    using store = temporaryDirectory();
    const prepared = await prepare(store.path, 'aaaaaaaaaaaa');
    assert.deepEqual(await listDumps(store.path), []);
    (prepared as PreparedDump).discard();
    assert.deepEqual(readdirSync(store.path), []);
    const { pid } = spawnSync('true');
    for (const owner of [pid, process.pid])
      writeFileSync(join(store.path, `.bbbbbbbbbbbb.${owner}.core.tmp`), 'half');
    await sweepDumps(store.path, instantAt(NOW));
    assert.deepEqual(
      readdirSync(store.path),
      [`.bbbbbbbbbbbb.${process.pid}.core.tmp`],
      'one is being written',
    );
  });

  test('it is deleted when its time is over, with what describes it, and nothing else is', async () => {
    using store = temporaryDirectory();
    await keep(store.path, 'aaaaaaaaaaaa');
    writeFileSync(join(store.path, 'mine.txt'), 'a file of the person');
    await sweepDumps(store.path, instantAt(NOW + 999));
    assert.equal((await listDumps(store.path)).length, 1);
    await sweepDumps(store.path, instantAt(NOW + 1000));
    assert.deepEqual(readdirSync(store.path), ['mine.txt']);
  });

  test('a clock that is set deletes nothing that is new, and keeps nothing for longer', async () => {
    for (const setMs of [-20 * YEAR, 20 * YEAR]) {
      using store = temporaryDirectory();
      await keep(store.path, 'aaaaaaaaaaaa', { keepMs: DAY });
      const at = (laterMs: number) => ({ ...instantAt(NOW + laterMs), wallMs: NOW + laterMs + setMs });
      await sweepDumps(store.path, at(DAY - 1));
      const [dump] = await listDumps(store.path);
      assert.equal(dump?.facts.expiresAtMs, NOW + DAY + setMs, 'its end is said by the clock of now');
      const next = { wallMs: NOW + DAY + setMs, monotonicMs: 5000, bootId: 'next' };
      await sweepDumps(store.path, next);
      assert.equal((await listDumps(store.path)).length, 1, 'the clock of a boot is not believed at once');
      await sweepDumps(store.path, at(DAY));
      assert.deepEqual(readdirSync(store.path), []);
    }
  });

  test('a file that is being written stays, also if the clock says that it is old', async () => {
    using store = temporaryDirectory();
    const path = join(store.path, `.aaaaaaaaaaaa.${process.pid}.core.tmp`);
    const fd = openSync(path, 'w', 0o600);
    utimesSync(path, 0, 0);
    await sweepDumps(store.path, instantAt(NOW));
    assert.ok(existsSync(path));
    closeSync(fd);
    await sweepDumps(store.path, instantAt(NOW));
    assert.deepEqual(readdirSync(store.path), []);
  });

  test('never more than --max-disk: the new one is refused, the old ones stay', async () => {
    using store = temporaryDirectory();
    await keep(store.path, 'aaaaaaaaaaaa');
    const maxDiskBytes = (await bytesIn(store.path)) + 10;
    assert.equal(await prepare(store.path, 'bbbbbbbbbbbb', { maxDiskBytes }), 'max-disk');
    const [dump] = await listDumps(store.path);
    assert.ok(dump);
    await deleteDump(dump);
    await keep(store.path, 'bbbbbbbbbbbb', { maxDiskBytes });
  });

  test('a directory that others can enter is refused, and one that is made is private', async () => {
    using parent = temporaryDirectory();
    const store = join(parent.path, 'dumps');
    const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    makeStore(store, owner);
    assert.equal(statSync(store).mode & 0o777, 0o700);
    chmodSync(store, 0o750);
    assert.throws(() => makeStore(store, owner), /other users have access/);
    assert.throws(() => checkStore(store, owner.uid + 1), /belongs to user/);
    assert.equal(await prepare(store, 'aaaaaaaaaaaa'), 'store-unusable');
    assert.equal(await prepare(join(store, 'none'), 'aaaaaaaaaaaa'), 'store-unusable');
  });
});

test('a key that cannot be used is refused, and a secret key is not repeated', async () => {
  const identity = await generateIdentity();
  const recipient = await identityToRecipient(identity);
  checkRecipient(recipient);
  for (const wrong of [
    '',
    'ssh-ed25519 AAAA',
    `${recipient.slice(0, -1)}x`,
    identity,
    identity.toLowerCase(),
  ]) {
    assert.throws(
      () => checkRecipient(wrong),
      (error: Error) => error instanceof CrashmonError && (wrong === '' || !error.message.includes(wrong)),
    );
  }
});

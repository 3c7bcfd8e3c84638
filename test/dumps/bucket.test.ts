import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { bytesIn, listDumps } from '../../src/dumps/list-dumps.ts';
import { carryDumps } from '../../src/dumps/remote/carry-dumps.ts';
import { sweepDumps } from '../../src/dumps/sweep-dumps.ts';
import type { RemoteStore } from '../../src/model/dump.ts';
import { until, untilAttached } from '../agent/native/armed.ts';
import { startRun } from '../agent/run-worker.ts';
import { CHECKOUT, crashmon } from '../support/crashmon.ts';
import { ageKey } from '../support/dumps/age-key.ts';
import { BUCKET, bucketServer, writeCredentials } from '../support/dumps/bucket-server.ts';
import { cuttingProxy } from '../support/dumps/cutting-proxy.ts';
import { instantAt, keepSample, prepareSample } from '../support/dumps/sample-dump.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { rounds } from '../support/rounds.ts';
import { startProgram } from '../support/run-program.ts';
import { SEED, seededRandom } from '../support/seed.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW = 1_800_000_000_000;
const LIFE_MS = 7 * 24 * 60 * 60_000;

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' });
}

async function keep(store: string, remote: RemoteStore, crash: string, core: Buffer): Promise<void> {
  const recipient = await identityToRecipient(await generateIdentity());
  await keepSample({ store, crash, core, remote, recipient, now: instantAt(NOW), keepMs: LIFE_MS });
}

describe('dumps in a bucket', () => {
  test('wait while it is away, refuses or is missing; then they are there, and are deleted there', async () => {
    await using directory = await temporaryDirectory('bucket');
    const store = path.join(directory.path, 'store');
    mkdirSync(store, { mode: 0o700 });
    const credentials = writeCredentials(path.join(directory.path, 'credentials'), 'wrong');
    const objects = path.join(directory.path, 'objects');
    const name = 'aaaaaaaaaaaa.core.zst.age';
    let remote: RemoteStore;
    {
      await using server = await bucketServer(objects);
      remote = { endpoint: server.endpoint, bucket: BUCKET, prefix: 'shop/a', credentials };
    }
    const port = Number(new URL(remote.endpoint).port);
    await keep(store, remote, 'aaaaaaaaaaaa', Buffer.from('stacks'));
    await keep(store, { ...remote, bucket: 'other' }, 'bbbbbbbbbbbb', Buffer.from('stacks'));
    const sealed = readFileSync(path.join(store, name));
    const troubles = async () => {
      assert.equal(await carryDumps(store, instantAt(NOW)), false);
      return (await listDumps(store)).map(
        ({ facts, trouble }) => `${facts.crash[0]}: ${trouble?.why} ${trouble?.attempts}`,
      );
    };
    assert.deepEqual(await troubles(), ['a: away 1', 'b: away 1']);
    await using server = await bucketServer(objects, port);
    assert.deepEqual(await troubles(), ['a: refused 2', 'b: refused 2']);
    const another = { store, crash: 'cccccccccccc', core: Buffer.from('stacks'), now: instantAt(NOW) };
    const maxDiskBytes = (await bytesIn(store)) + 10;
    const recipient = await identityToRecipient(await generateIdentity());
    assert.equal(
      await prepareSample({ ...another, recipient, maxDiskBytes }),
      'max-disk',
      'what waits here counts',
    );
    chmodSync(credentials, 0o644);
    assert.deepEqual(await troubles(), ['a: credentials 3', 'b: credentials 3']);
    chmodSync(credentials, 0o600);
    writeCredentials(credentials);
    assert.deepEqual(await troubles(), ['a: undefined undefined', 'b: no-bucket 4']);
    assert.deepEqual(server.object(`shop/a/${name}`), sealed);
    assert.ok(!existsSync(path.join(store, name)));
    const prepared = await prepareSample({ ...another, recipient, maxDiskBytes });
    assert.ok(prepared !== null && typeof prepared === 'object', 'what was moved does not');
    prepared.discard();
    await sweepDumps(store, instantAt(NOW + LIFE_MS));
    assert.equal((await listDumps(store)).length, 2, 'they are still to be deleted there');
    await carryDumps(store, instantAt(NOW + LIFE_MS));
    assert.equal(server.object(`shop/a/${name}`), null);
    await sweepDumps(store, instantAt(NOW + 6 * LIFE_MS));
    assert.deepEqual(readdirSync(store), [], 'what cannot be deleted there is forgotten in the end');
  });

  test(`kill -9 in an upload: it is whole where it is said to be, and nothing is lost (seed ${SEED})`, async () => {
    await using directory = await temporaryDirectory('bucket');
    await using server = await bucketServer(path.join(directory.path, 'objects'));
    const credentials = writeCredentials(path.join(directory.path, 'credentials'));
    const remote = { endpoint: server.endpoint, bucket: BUCKET, prefix: '', credentials };
    const random = seededRandom(SEED);
    const program = path.join(CHECKOUT, 'src/agent/sessions/carry-process.ts');
    for (let round = 0; round < rounds(3); round++) {
      const store = path.join(directory.path, `store-${round}`);
      mkdirSync(store, { mode: 0o700 });
      const crash = randomBytes(6).toString('hex');
      const name = `${crash}.core.zst.age`;
      await keep(store, remote, crash, randomBytes(20_000_000));
      const sealed = readFileSync(path.join(store, name));
      {
        await using upload = startProgram(process.execPath, [program, store]);
        await delay(200 + random() * 600);
        upload.kill('SIGKILL');
        await upload.exited;
      }
      // S3 shows no object before all of it is there; this server does.
      const [dump] = await listDumps(store);
      const whole = dump?.isStored ? server.object(name) : readFileSync(path.join(store, name));
      assert.ok(whole?.equals(sealed), 'where it is said to be, it is whole');
      await sweepDumps(store, instantAt(NOW));
      assert.equal(await carryDumps(store, instantAt(NOW)), true);
      assert.ok(server.object(name)?.equals(sealed));
      assert.deepEqual(
        readdirSync(store)
          .filter((each) => each !== '.carrier')
          .toSorted(),
        [`${crash}.json`, `${crash}.stored`],
      );
    }
  });

  test(`the server goes away within an upload: nothing is lost or half there, and in the end it is deleted (seed ${SEED})`, async () => {
    await using directory = await temporaryDirectory('bucket');
    await using server = await bucketServer(path.join(directory.path, 'objects'));
    await using proxy = await cuttingProxy(server.port);
    const credentials = writeCredentials(path.join(directory.path, 'credentials'));
    const remote = { endpoint: proxy.endpoint, bucket: BUCKET, prefix: '', credentials };
    const random = seededRandom(SEED);
    const store = path.join(directory.path, 'store');
    mkdirSync(store, { mode: 0o700 });
    const name = 'aaaaaaaaaaaa.core.zst.age';
    await keep(store, remote, 'aaaaaaaaaaaa', randomBytes(1_000_000));
    const sealed = readFileSync(path.join(store, name));
    // The upload, its head, and at the last byte.
    for (const cutAfter of [
      1,
      1 + Math.floor(random() * 1000),
      Math.floor(random() * 1_000_000),
      1_000_000,
    ]) {
      proxy.cutAfter = cutAfter;
      assert.equal(await carryDumps(store, instantAt(NOW)), false, `cut after ${cutAfter}`);
      await sweepDumps(store, instantAt(NOW));
      const [dump] = await listDumps(store);
      assert.deepEqual([dump?.isStored, dump?.trouble?.why], [false, 'away']);
      assert.ok(readFileSync(path.join(store, name)).equals(sealed));
    }
    assert.ok(proxy.cuts >= 4);
    proxy.cutAfter = null;
    assert.equal(await carryDumps(store, instantAt(NOW)), true);
    assert.ok(server.object(name)?.equals(sealed));
    assert.deepEqual(readdirSync(store).toSorted(), ['aaaaaaaaaaaa.json', 'aaaaaaaaaaaa.stored']);
    // Its time is over while the server is away.
    proxy.cutAfter = 1;
    await sweepDumps(store, instantAt(NOW + LIFE_MS));
    assert.equal(await carryDumps(store, instantAt(NOW + LIFE_MS)), false);
    assert.ok(server.object(name) !== null);
    proxy.cutAfter = null;
    await sweepDumps(store, instantAt(NOW + LIFE_MS));
    assert.equal(await carryDumps(store, instantAt(NOW + LIFE_MS)), true);
    assert.equal(server.object(name), null);
    assert.deepEqual(readdirSync(store), []);
  });

  test('a session moves its dumps there, and its verbs find them', async () => {
    await using state = await stateDirectory();
    await using directory = await temporaryDirectory('bucket');
    let server = await bucketServer(directory.path);
    await using stack = new AsyncDisposableStack();
    stack.defer(() => server[Symbol.asyncDispose]());
    const session = async (...args: string[]) =>
      await crashmon(['session', ...args], { stateDir: state.path });
    const { identity: key, recipient } = ageKey(state.path);
    const credentials = writeCredentials(path.join(state.path, 'credentials'), 'wrong');
    await using compiler = await nativeCompiler();
    const command = [await compiler.compile('waits-to-crash.c')];
    await using agent = startRun({
      ...{ stateDir: state.path, options: ['--restart-delay', '0', '--json'], command, input: 'open' },
    });
    await agent.waitForLine('stderr', /"event":"started"/);
    const place = ['--store', `s3://${BUCKET}/shop`, '--endpoint', server.endpoint];
    const start = async (...more: string[]) =>
      (await session('start', 'app', '--max-dumps', '1', ...more)).stderr;
    assert.match(await start(...place, '--s3-credentials', credentials), /needs --key/);
    assert.match(await start(...place, '--key', recipient), /needs --s3-credentials/);
    const ofRole = path.join(state.path, 'role');
    writeFileSync(ofRole, `${readFileSync(credentials, 'utf8')}\naws_session_token = CANARY\n`, {
      mode: 0o600,
    });
    const ofRoleError = await start(...place, '--s3-credentials', ofRole, '--key', recipient);
    assert.match(
      ofRoleError.replaceAll(/\s+/g, ' '),
      /with a session token, as roles have, are not supported/,
    );
    assert.ok(!ofRoleError.includes('CANARY'));
    const far = ['--store', `s3://${BUCKET}`, '--endpoint', 'http://s3.example', '--key', recipient];
    assert.match(await start(...far, '--s3-credentials', credentials), /Invalid --endpoint: expected https/);
    assert.equal(await start(...place, '--s3-credentials', credentials, '--key', recipient), '');
    await untilAttached(agent);
    agent.stdin.write('\n');
    const [, id = ''] = await agent.waitForLine('stderr', /"event":"dump","runId":"(\w+)","why":null/);
    const name = `shop/${id}.core.zst.age`;
    const dumps = async () =>
      (JSON.parse((await session('dumps', '--json')).stdout) as { dumps: { path: string }[] }).dumps;
    const local = path.join(state.path, 'apps');
    const refused =
      /1 dump waits to be moved to the bucket \(the server refuses: wrong credentials, region, or permissions; tried 1 time,/;
    await until('it was tried', () => filesIn(local).some((each) => each.endsWith('.trouble')));
    assert.match((await session('list')).stdout.replaceAll(/\s+/g, ' '), refused);
    const status = await crashmon(['status'], { stateDir: state.path });
    assert.match(status.stdout.replaceAll(/\s+/g, ' '), refused);
    assert.ok(filesIn(local).some((each) => each.endsWith(`${id}.core.zst.age`)));
    writeCredentials(credentials);
    await until(
      'it is moved',
      () => server.object(name) !== null && !filesIn(local).some((each) => each.endsWith('.age')),
    );
    assert.equal((await dumps())[0]?.path, `s3://${BUCKET}/${name}`);
    const core = path.join(state.path, 'core');
    assert.equal((await session('get', id, '--identity', key, '--output', core)).code, 0);
    assert.equal(readFileSync(core).toString('latin1', 1, 4), 'ELF');
    const shown = await session('show', id, '--identity', key);
    assert.match(shown.stdout, new RegExp(`which crashed:[^]*Dump: s3://${BUCKET}/${name}`));
    await server[Symbol.asyncDispose]();
    assert.match(
      (await session('delete', id)).stderr,
      /cannot be deleted in its bucket: the server does not/,
    );
    const list = (await session('list')).stdout.replaceAll(/\s+/g, ' ');
    assert.match(
      list,
      /1 dump waits to be deleted in the bucket \(the server does not answer; tried 1 time,/,
    );
    server = await bucketServer(directory.path, server.port);
    assert.equal((await session('delete', id)).stderr, '');
    assert.equal(server.object(name), null);
    assert.deepEqual(await dumps(), []);
    agent.kill('SIGTERM');
    await agent.exited;
  });
});

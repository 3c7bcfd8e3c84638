import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Sessions } from '../../../src/portal/store/read/dump-store.ts';
import { untilAttached } from '../../agent/native/armed.ts';
import { crashmon } from '../../support/crashmon.ts';
import { ageKey } from '../../support/dumps/age-key.ts';
import { assertNothingLeft } from '../../support/leftovers.ts';
import { nativeCompiler } from '../../support/native/compile.ts';
import { withStore } from '../../support/portal/start-portal.ts';
import type { RunningProgram } from '../../support/run-program.ts';
import { stop, until, Whole } from './whole.ts';

/** On the stack of the worker at its crash, and so in its dump: 15 characters are read. */
const CANARY = 'CANARY-stack';

async function crashNow(agent: RunningProgram): Promise<void> {
  const from = agent.stdout.length;
  agent.stdin.write(`${CANARY}\n`);
  await agent.waitForLine('stdout', /ready/, from);
}

const sessionsOf = (whole: Whole) => whole.api<Sessions>('/sessions');

function assertNoCanary(directory: string): void {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((each) =>
    each.isFile(),
  );
  assert.ok(files.some(({ name }) => name === 'portal.db'));
  for (const { parentPath, name } of files)
    assert.ok(!readFileSync(path.join(parentPath, name)).includes(CANARY), name);
}

test('the portal shows a session and its dumps, and has no byte of them', async () => {
  await using compiler = await nativeCompiler();
  await using whole = await Whole.create();
  await using portal = await whole.startPortal();
  await whole.putToken();
  await whole.signIn();
  const program = await compiler.compile('waits-to-crash.c');
  const agent = whole.startAgent({ instance: 'web-1', command: [program, '3', '1'], options: ['--json'] });
  await agent.waitForLine('stdout', /ready/);
  await agent.waitForLine('stderr', /"event":"started"/);
  const started = await crashmon(['session', 'start', 'shop', '--max-dumps', '2'], {
    stateDir: whole.stateDir,
  });
  assert.equal(started.code, 0, started.stderr);
  const running = await until('the session is there', async () => (await sessionsOf(whole)).sessions[0]);
  assert.deepEqual(
    [running.instance, running.state, running.kept, running.maxDumps, running.startedBy],
    ['web-1', 'running', 0, 2, null],
  );
  await untilAttached(agent);
  await whole.post('/apps/shop/sessions/requests', { instance: 'web-1', what: 'arm' });
  await crashNow(agent);
  const dump = await until('the dump is there', async () => {
    const { dumps } = await sessionsOf(whole);
    return dumps[0]?.hasCrash && dumps[0];
  });
  assert.deepEqual(
    [dump.instance, dump.status, dump.full, dump.encrypted, dump.deletedAtMs],
    ['web-1', { type: 'signal', signal: 'SIGSEGV' }, false, false, null],
  );
  assert.ok(dump.sizeBytes > 1000 && dump.expiresAtMs > dump.keptAtMs);
  const page = await whole.page('/apps/shop/sessions');
  assert.match(page, /1 of 2.*on the instance.*SIGSEGV<\/bdi> <span class="small soft">1 dump</s);
  assert.match(page, new RegExp(`crashmon session get ${dump.id.slice(0, 8)} --output core`));
  assert.match(await whole.page('/apps/shop/instances/web-1'), /A session keeps dumps.*1 dump is kept/s);
  assert.match(
    await whole.page(`/apps/shop?crash=${dump.crashUid}`),
    new RegExp(`Its dump is kept.*session show ${dump.id.slice(0, 8)}`, 's'),
  );
  assertNoCanary(path.join(whole.stateDir, 'portal'));
  const [refused] = (await sessionsOf(whole)).requests;
  assert.deepEqual([refused?.state, refused?.why, refused?.askedBy], ['refused', 'off', 'ada']);
  assert.match(await whole.page('/apps/shop/sessions'), /refused on the instance.*--remote-control is off/s);

  const removed = await crashmon(['session', 'delete', dump.id], { stateDir: whole.stateDir });
  assert.equal(removed.code, 0, removed.stderr);
  await until('its deletion is known', async () => (await sessionsOf(whole)).dumps[0]?.deletedAtMs !== null);
  assert.doesNotMatch(await whole.page(`/apps/shop?crash=${dump.crashUid}`), /Its dump is kept/);
  assert.equal(dump.hasCopy, false);
  await stop(agent);
  await stop(portal.program);
  await assertNothingLeft(whole.stateDir);
});

test('a session that is asked for on the page is carried out once, and its dump is encrypted to the key of the instance', async () => {
  await using compiler = await nativeCompiler();
  await using whole = await Whole.create();
  await using portal = await whole.startPortal();
  await whole.putToken();
  await whole.signIn();
  const program = await compiler.compile('waits-to-crash.c');
  const { recipient } = ageKey(whole.stateDir);
  const agent = whole.startAgent({
    instance: 'web-1',
    command: [program, '3', '1'],
    options: ['--json', '--remote-control', 'on', '--session-key', recipient],
  });
  await agent.waitForLine('stdout', /ready/);
  const status = await crashmon(['status'], { stateDir: whole.stateDir });
  assert.match(status.stdout, /admins of the portal may start sessions and arm/);
  await until('the instance is known', async () => (await whole.instances()).length === 1);
  await whole.post('/apps/shop/sessions/requests', {
    ...{ instance: 'web-1', what: 'session', maxDumps: '2', hours: '8' },
  });
  assert.equal((await sessionsOf(whole)).requests[0]?.state, 'asked');
  // Its record asks.
  await crashNow(agent);
  const { sessions, requests } = await until('it runs', async () => {
    const found = await sessionsOf(whole);
    return found.sessions.length > 0 && found;
  });
  assert.deepEqual(
    [sessions[0]?.id, sessions[0]?.startedBy, sessions[0]?.maxDumps, requests[0]?.state],
    [requests[0]?.id, 'ada', 2, 'started'],
  );
  await untilAttached(agent);
  await crashNow(agent);
  const dump = await until('the dump is there', async () => (await sessionsOf(whole)).dumps[0]);
  assert.equal(dump.encrypted, true);
  const asked = agent.stderr.match(/"event":"asked"/g) ?? [];
  assert.equal(asked.length, 1);
  const audit = await withStore(whole.place, (store) => store.auditEntries('shop', 10));
  assert.ok(
    audit.some(
      ({ who, what, detail }) => `${who} ${what} ${detail}` === 'ada session-asked web-1: 2 dumps, 8 h',
    ),
  );
  assertNoCanary(path.join(whole.stateDir, 'portal'));
  await stop(agent);
  await stop(portal.program);
  await assertNothingLeft(whole.stateDir);
});

test('with --portal-dumps on both sides an encrypted dump comes to the portal, and what was asked for on the page too', async () => {
  await using compiler = await nativeCompiler();
  await using whole = await Whole.create();
  await using portal = await whole.startPortal(['--portal-dumps', '100MB']);
  await whole.putToken();
  await whole.signIn();
  const program = await compiler.compile('waits-to-crash.c');
  const { identity: key, recipient } = ageKey(whole.stateDir);
  const agent = whole.startAgent({
    ...{ instance: 'web-1', command: [program, '3', '1'] },
    options: ['--json', '--remote-control', 'on', '--session-key', recipient, '--session-portal-dumps', 'on'],
  });
  await agent.waitForLine('stdout', /ready/);
  await agent.waitForLine('stderr', /"event":"started"/);
  const session = (...args: string[]) => crashmon(['session', ...args], { stateDir: whole.stateDir });
  for (const args of [[], ['--key', recipient, '--store', 's3://bucket']])
    assert.match((await session('start', 'shop', '--portal-dumps', ...args)).stderr, /--portal-dumps/);
  // Its session keeps it here.
  const before = await session('start', 'shop', '--key', recipient, '--max-dumps', '1');
  assert.equal(before.code, 0, before.stderr);
  await untilAttached(agent);
  await crashNow(agent);
  await until('the first dump is known', async () => (await sessionsOf(whole)).dumps.length === 1);
  await whole.post('/apps/shop/sessions/requests', {
    ...{ instance: 'web-1', what: 'session', maxDumps: '1', hours: '8' },
  });
  await crashNow(agent);
  await until('the second session runs', async () => (await sessionsOf(whole)).sessions.length === 2);
  await untilAttached(agent);
  await crashNow(agent);
  const dumps = await until('the dump is there', async () => {
    const found = (await sessionsOf(whole)).dumps;
    return found.some(({ hasCopy }) => hasCopy) && found;
  });
  assert.deepEqual(
    dumps.map(({ hasCopy, encrypted }) => [hasCopy, encrypted]),
    [
      [true, true],
      [false, true],
    ],
  );
  const { crashUid = '', id = '' } = dumps[0] ?? {};
  const buttons = (await whole.page('/apps/shop/sessions')).match(/Download dump/g);
  assert.equal(buttons?.length, 1);
  const answer = await whole.send('/apps/shop/dumps', { instance: 'web-1', crashUid });
  assert.equal(answer.status, 200);
  const file = path.join(whole.stateDir, `${id}.core.zst.age`);
  writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
  const core = path.join(whole.stateDir, 'core');
  assert.match((await session('get', file, '--output', core)).stderr, /Give --identity/);
  assert.match(
    (await session('get', file, '--identity', file, '--output', core)).stderr,
    /no age secret key/,
  );
  assert.match((await session('get', key, '--identity', key, '--output', core)).stderr, /no encrypted dump/);
  const got = await session('get', file, '--identity', key, '--output', core);
  assert.equal(got.code, 0, got.stderr);
  assert.ok(readFileSync(core).includes(CANARY), 'so nothing else hides it from the search');
  assert.ok(!readFileSync(file).includes(CANARY));
  assertNoCanary(path.join(whole.stateDir, 'portal'));
  assert.ok(!`${agent.stderr}${portal.program.stderr}`.includes(CANARY));
  const [newest] = await withStore(whole.place, (store) => store.auditEntries('shop', 1));
  assert.equal(newest?.what, 'dump-downloaded');

  const removed = await session('delete', id);
  assert.equal(removed.code, 0, removed.stderr);
  await until('it cannot be downloaded', async () => {
    const refused = await whole.send('/apps/shop/dumps', { instance: 'web-1', crashUid });
    await refused.body?.cancel();
    return refused.status === 400;
  });
  await stop(agent);
  await stop(portal.program);
  await assertNothingLeft(whole.stateDir);
});

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { OtlpLogRecord, OtlpLogsRequest } from '../../src/formats/otlp/otlp-json.ts';
import { until } from '../portal/whole/whole.ts';
import { crashmon } from '../support/crashmon.ts';
import { ageKey } from '../support/dumps/age-key.ts';
import { type BucketServer, bucketServer, KEYS } from '../support/dumps/bucket-server.ts';
import { openToOthers } from '../support/host/open-to-others.ts';
import { findMark } from '../support/sweep/find-mark.ts';
import { requestBodies } from '../support/sweep/http-requests.ts';
import { assertMarks, CONTROL, type Evidence, SECRET } from '../support/sweep/marks.ts';
import { privateLogs, stateBytes } from '../support/sweep/stored-bytes.ts';
import { BUCKET_PREFIX, INSTANCE_HOOK, type SweptHost, startSweptHost } from '../support/sweep/swept-host.ts';
import { PORTAL_MAIL, type SweptPortal, startSweptPortal } from '../support/sweep/swept-portal.ts';
import { Tap } from '../support/sweep/tap.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

type Swept = SweptHost & { portal: SweptPortal };
type Service = {
  name: string;
  command: string[];
  settings?: string[];
  isCollected?: true;
  memoryBytes?: number;
  restartSec?: number;
  /** A busy machine can be too slow for the time that a process is held: then the next one is captured. */
  isCaptured?: boolean;
  /** It crashes once more, in a session: one that is started on the host, with a bucket, or one that is asked for on the portal's page. */
  session?: 'bucket' | 'portal';
};

const NODE = process.execPath;
const PYTHON = '/usr/bin/python3';
const servicesOf = (recipient: string): Service[] => [
  { name: 'web', command: [NODE, 'dies.cjs', 'request'], isCaptured: true },
  { name: 'task', command: [PYTHON, 'dies.py', 'group'], isCollected: true },
  { name: 'heap', command: [NODE, '--max-old-space-size=40', 'dies.cjs', 'heap'] },
  { name: 'eats', command: [PYTHON, 'dies.py', 'memory'], memoryBytes: 96 * 1024 * 1024 },
  // All memory of one process is kept at a time: the next one crashes once that is written.
  { name: 'vault', command: ['./dies-cpp', 'pointer'], restartSec: 20, session: 'bucket' },
  {
    ...{ name: 'engine', command: ['./dies-cpp', 'pointer'], isCaptured: true, session: 'portal' },
    settings: ['remote-control = "on"', `session-key = "${recipient}"`, 'session-portal-dumps = "on"'],
  },
];
/** What is open to another user of the host: directories of all, the agent's drop-in, and FIFOs whose places it cannot find. */
const OPEN_TO_OTHERS = [
  ...[
    'read /dev/shm',
    'read /etc/crashmon',
    'read /run/systemd/system',
    'read /run/systemd/system/service.d',
  ],
  ...['read /run/systemd/system/service.d/90-crashmon.conf', 'write /dev/shm'],
  'write /run/crashmon/probes/RANDOM/records',
];
const STATE = '/var/lib/crashmon-test';
/** Of the host, and so of the instance. */
const INSTANCE = 'crashmon-test';

type Sent = { what: string; destination: string; times: number; outcome: string | null; content: string };
type Receipt = { id: string; app: string; sent: Sent[]; complete: boolean; waiting: number };

test('nothing private leaves the agent of a host or is kept, and receipts have all that left', async () => {
  await using shared = await temporaryDirectory('sweep');
  const { identity, recipient } = ageKey(shared.path);
  const services = servicesOf(recipient);
  const apps = services.map(({ name }) => name);
  await using bucket = await bucketServer(path.join(shared.path, 'objects'));
  await using toBucket = await Tap.before(() => bucket.port, path.join(shared.path, 'bucket'));
  await using swept = await startSweptHost(shared.path, services, (sockets) =>
    startSweptPortal(shared.path, apps, { sockets }),
  );
  const { agent, host, portal } = swept;
  const lost = loseOneCrash(portal);
  const said: string[] = [];
  await Promise.all([
    ...services.map((service) => untilSwept(swept, service, recipient, said)),
    // So records wait for the portal.
    agent.untilEvents('task', 'ended', 1).then(() => swept.connectPortal()),
  ]);
  // While it runs there are files that it removes at its end.
  const running = [
    await swept.copy('/run/crashmon', 'run-of-agent'),
    await swept.copy('/run/systemd/system', 'run-of-systemd'),
    await swept.copy('/dev/shm', 'shm'),
    await swept.copy(STATE, 'state-of-running'),
  ];
  const open = await openToOthers(host, STATE);
  const places = new Set(open.map((each) => each.replace(/[0-9a-f]{32}/, 'RANDOM')));
  assert.deepEqual([...places], OPEN_TO_OTHERS);
  await portal.notified();
  await untilSent(swept, apps);
  assert.equal(lost(), 1, 'what was in a request without an answer was sent again');
  await assertDumps(swept, bucket, { identity, directory: shared.path });
  await agent.stop();
  const receipts = await receiptsOf(swept, apps);
  const shown = [
    await agent.crashmon('status'),
    await agent.crashmon('crashes', '--json'),
    await agent.crashmon('session', 'list', '--json'),
    JSON.stringify(receipts),
    ...said,
  ];
  for (const app of apps) {
    for (const { id } of receipts.filter((receipt) => receipt.app === app).slice(0, 2)) {
      const { stdout, stderr } = await agent.tryCrashmon('show', id, '--all', '--threads');
      shown.push(stdout, stderr);
    }
  }
  const state = await swept.copy(STATE, 'state');
  const evidence: Evidence = {
    ...(await portal.evidence()),
    'HTTP to the bucket': toBucket.sent(),
    'state directory': stateBytes(state, swept.home),
    'files of the running agent': running.flatMap((each) => stateBytes(each, swept.home)),
    'said by the agent': [Buffer.from(await host.journal('crashmon-agent'))],
    'shown by the CLI': shown.map((text) => Buffer.from(text)),
  };
  for (const app of apps) {
    const logs = privateLogs(state, 'app').get(app) ?? [];
    assert.ok(
      logs.some((log) => log.includes(SECRET)),
      `the private logs of ${app} have the data`,
    );
  }
  const { [CONTROL]: where = [], ...secrets } = portal.expected;
  const onHost = ['state directory', 'files of the running agent', 'shown by the CLI'];
  assertMarks(evidence, {
    ...{ [SECRET]: [], ...secrets, [INSTANCE_HOOK]: ['webhook of the instance'] },
    [CONTROL]: [...where, 'state directory', 'shown by the CLI'],
    ...{ [KEYS.secret]: [], [KEYS.id]: ['HTTP to the bucket'], [recipient]: onHost },
    [BUCKET_PREFIX]: ['HTTP to the bucket', ...onHost],
  });
  assertReceipts(receipts, portal);
});

/** The answer to the first request with a crash does not arrive. */
function loseOneCrash({ taps }: SweptPortal): () => number {
  let count = 0;
  taps.http.isLost = (sent) => {
    if (count > 0 || !requestBodies(sent).some((body) => body.includes('"app.crash"'))) return false;
    count++;
    return true;
  };
  return () => count;
}

async function untilSwept(swept: Swept, service: Service, recipient: string, said: string[]): Promise<void> {
  const { agent, portal, enough } = swept;
  const { name, isCaptured, session } = service;
  if (isCaptured) await agent.untilEvent(name, 'ended', ({ captured }) => captured === true);
  else await agent.untilEvents(name, 'ended', 1);
  if (session === 'bucket') said.push(await swept.startBucketSession(name, recipient));
  if (session === 'portal') {
    await until('the portal knows the instance', async () => (await portal.uids(name)).length > 0);
    for (const what of ['arm', 'session']) {
      const limits = { maxDumps: '1', hours: '8' };
      const answer = await portal.send(`/apps/${name}/sessions/requests`, {
        instance: INSTANCE,
        what,
        ...limits,
      });
      assert.equal(answer.status, 303, await answer.text());
    }
  }
  if (session !== undefined) await agent.untilEvent(name, 'dump', ({ why }) => why === null);
  while (session === 'bucket' && (await wholeDump(swept, name)) === undefined) await delay(2_000);
  await enough(name);
}

/** Its ID. */
async function wholeDump({ agent }: Pick<SweptHost, 'agent'>, app: string): Promise<string | undefined> {
  const { dumps } = JSON.parse(await agent.crashmon('session', 'dumps', app, '--json')) as {
    dumps: { id: string; memory: string }[];
  };
  return dumps.find(({ memory }) => memory === 'all')?.id;
}

/** Nothing waits any more, and each captured crash has its report. */
async function untilSent({ agent }: SweptHost, apps: readonly string[]): Promise<void> {
  const pending = new Map<string, boolean>();
  for (const app of apps) for (const { id, captured } of await agent.recorded(app)) pending.set(id, captured);
  for (let attempt = 0; attempt < 100; attempt++) {
    for (const [id, captured] of pending) {
      const { waiting, sent } = await receiptOf(agent, id);
      const isSent = waiting === 0 && (!captured || sent.some(({ what }) => what === 'crashmon.capture'));
      if (isSent) pending.delete(id);
    }
    if (pending.size === 0) return;
    await delay(1_000);
  }
  assert.fail('not all was sent');
}

/** A dump has all data, where it was to go and with the key; what the portal says of it is that it is there. */
async function assertDumps(
  { agent, portal }: Swept,
  bucket: BucketServer,
  { identity, directory }: { identity: string; directory: string },
): Promise<void> {
  const name = `${BUCKET_PREFIX}/${await wholeDump({ agent }, 'vault')}.core.zst.age`;
  const object = await until('the dump is in the bucket', () => bucket.object(name));
  const copy = await until('the dump is at the portal', async () => {
    const { dumps, requests } = await portal.sessions('engine');
    assert.ok(
      requests.every(({ state }) => ['done', 'armed', 'started'].includes(state)),
      JSON.stringify(requests),
    );
    return dumps.find(({ hasCopy }) => hasCopy);
  });
  assert.ok((await portal.sessions('vault')).dumps.every(({ hasCopy }) => !hasCopy));
  const answer = await portal.send('/apps/engine/dumps', { instance: INSTANCE, crashUid: copy.crashUid });
  const ofPortal = Buffer.from(await answer.arrayBuffer());
  for (const [at, sealed] of [object, ofPortal].entries()) {
    const file = path.join(directory, `${at}.core.zst.age`);
    const core = path.join(directory, `${at}.core`);
    writeFileSync(file, sealed);
    const { code, stderr } = await crashmon(
      ['session', 'get', file, '--identity', identity, '--output', core],
      {
        stateDir: directory,
      },
    );
    assert.equal(code, 0, stderr);
    assert.ok(readFileSync(core).includes(SECRET), 'nothing but the encryption hides it');
    assert.deepEqual(findMark(sealed, SECRET), []);
  }
}

async function receiptsOf({ agent }: SweptHost, apps: readonly string[]): Promise<Receipt[]> {
  const all: Receipt[] = [];
  for (const app of apps) {
    for (const { id } of await agent.recorded(app)) all.push(await receiptOf(agent, id));
  }
  return all;
}

async function receiptOf(agent: SweptHost['agent'], id: string): Promise<Receipt> {
  return JSON.parse(await agent.crashmon('receipt', id, '--json'));
}

/** What left is on a receipt, and what is on a receipt left: by the bytes that the servers got. */
function assertReceipts(receipts: readonly Receipt[], { taps, mails, hooks }: SweptPortal): void {
  const isWhole = ({ complete, waiting }: Receipt) => complete && waiting === 0;
  assert.deepEqual(
    receipts.filter((receipt) => !isWhole(receipt)),
    [],
  );
  const sent = receipts.flatMap((receipt) => receipt.sent);
  const contents = (is: (what: string) => boolean) =>
    sent
      .filter(({ what }) => is(what))
      .flatMap(({ content, times }) => new Array<string>(times).fill(content))
      .toSorted();
  const isPost = (connection: Buffer) => connection.toString('latin1', 0, 5) === 'POST ';
  const records = taps.http.sent().filter(isPost).flatMap(requestBodies).flatMap(logRecords);
  const isAboutCrash = (what: string) => ['app.crash', 'crashmon.capture', 'crashmon.back'].includes(what);
  assert.deepEqual(
    contents(isAboutCrash),
    records
      .filter(({ eventName }) => isAboutCrash(eventName))
      .map((record) => JSON.stringify(record))
      .toSorted(),
  );
  const posted = hooks.posted.filter(({ path: each }) => each.includes(INSTANCE_HOOK));
  assert.deepEqual(new Set(contents((what) => what === 'webhook')), new Set(posted.map(({ body }) => body)));
  const delivered = mails.delivered.filter(({ to }) => !to.includes(PORTAL_MAIL));
  assert.deepEqual(new Set(contents((what) => what === 'mail')), new Set(delivered.map(({ raw }) => raw)));
  assert.ok(posted.length > 0 && delivered.length > 0);
  const dumps = receipts.flatMap(({ app, sent: each }) =>
    each
      .filter(({ what }) => what === 'dump')
      .map(({ destination }) => [app, destination.replace(/\/\w+\.core.*/, '')]),
  );
  assert.deepEqual([...new Map(dumps as [string, string][])].toSorted(), [
    ['engine', 'http://127.0.0.1:4401/v1/logs'],
    ['vault', `http://127.0.0.1:4404/dumps/${BUCKET_PREFIX}`],
  ]);
}

function logRecords(body: string): OtlpLogRecord[] {
  const { resourceLogs } = JSON.parse(body) as OtlpLogsRequest;
  return resourceLogs.flatMap(({ scopeLogs }) => scopeLogs).flatMap(({ logRecords: each }) => each);
}

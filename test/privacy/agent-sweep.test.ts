import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { OtlpLogRecord, OtlpLogsRequest } from '../../src/formats/otlp/otlp-json.ts';
import { openToOthers } from '../support/host/open-to-others.ts';
import { requestBodies } from '../support/sweep/http-requests.ts';
import { assertMarks, CONTROL, type Evidence, SECRET } from '../support/sweep/marks.ts';
import { privateLogs, stateBytes } from '../support/sweep/stored-bytes.ts';
import { INSTANCE_HOOK, type SweptHost, startSweptHost } from '../support/sweep/swept-host.ts';
import { PORTAL_MAIL, type SweptPortal, startSweptPortal } from '../support/sweep/swept-portal.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const SERVICES = [
  { name: 'web', command: [process.execPath, 'dies.cjs', 'request'], isCaptured: true },
  { name: 'task', command: ['/usr/bin/python3', 'dies.py', 'group'], isCaptured: false },
  { name: 'engine', command: ['./dies-cpp', 'pointer'], isCaptured: true },
];
/** What is open to another user of the host: directories of all, the agent's drop-in, and a FIFO whose place it cannot find. */
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

type Sent = { what: string; times: number; outcome: string | null; content: string };
type Receipt = { id: string; sent: Sent[]; complete: boolean; waiting: number };

test('nothing private leaves the agent of a host or is kept, and receipts have all that left', async () => {
  await using shared = await temporaryDirectory('sweep');
  const apps = SERVICES.map(({ name }) => name);
  await using swept = await startSweptHost(shared.path, SERVICES, (sockets) =>
    startSweptPortal(shared.path, apps, { sockets }),
  );
  const { agent, host, portal } = swept;
  await Promise.all(SERVICES.map((service) => untilSwept(swept, service)));
  // While it runs there are files that it removes at its end.
  const running = [
    await swept.copy('/run/crashmon', 'run-of-agent'),
    await swept.copy('/run/systemd/system', 'run-of-systemd'),
    await swept.copy('/dev/shm', 'shm'),
    await swept.copy(STATE, 'state-of-running'),
  ];
  const open = await openToOthers(host, STATE);
  assert.deepEqual(
    open.map((each) => each.replace(/[0-9a-f]{32}/, 'RANDOM')),
    OPEN_TO_OTHERS,
  );
  await portal.notified();
  await untilSent(swept);
  await agent.stop();
  const receipts = await receiptsOf(swept);
  const shown = [
    await agent.crashmon('status'),
    await agent.crashmon('crashes', '--json'),
    JSON.stringify(receipts),
  ];
  for (const { id } of receipts) {
    const { stdout, stderr } = await agent.tryCrashmon('show', id, '--all', '--threads');
    shown.push(stdout, stderr);
  }
  const state = await swept.copy(STATE, 'state');
  const evidence: Evidence = {
    ...(await portal.evidence()),
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
  assertMarks(evidence, {
    ...{ [SECRET]: [], ...secrets, [INSTANCE_HOOK]: ['webhook of the instance'] },
    [CONTROL]: [...where, 'state directory', 'shown by the CLI'],
  });
  assertReceipts(receipts, portal);
});

/** A busy machine can be too slow for the time that a process is held: then the next one is captured. */
async function untilSwept(
  { agent, enough }: SweptHost,
  { name, isCaptured }: (typeof SERVICES)[number],
): Promise<void> {
  if (isCaptured) await agent.untilEvent(name, 'ended', ({ captured }) => captured === true);
  else await agent.untilEvents(name, 'ended', 1);
  await enough(name);
}

/** Nothing waits any more, and each captured crash has its report. */
async function untilSent(swept: SweptHost): Promise<void> {
  const isCaptured = new Set<string>();
  for (const { name } of SERVICES)
    for (const { id, captured } of await swept.agent.recorded(name)) if (captured) isCaptured.add(id);
  for (let attempt = 0; attempt < 100; attempt++) {
    const isSent = ({ id, sent, waiting }: Receipt) =>
      waiting === 0 && (!isCaptured.has(id) || sent.some(({ what }) => what === 'crashmon.capture'));
    const receipts = await receiptsOf(swept);
    if (receipts.every(isSent)) return;
    await delay(1_000);
  }
  assert.fail('not all was sent');
}

async function receiptsOf({ agent }: SweptHost): Promise<Receipt[]> {
  const all: Receipt[] = [];
  for (const { name } of SERVICES) {
    for (const { id } of await agent.recorded(name))
      all.push(JSON.parse(await agent.crashmon('receipt', id, '--json')) as Receipt);
  }
  return all;
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
  const records = taps.http.sent().flatMap(requestBodies).flatMap(logRecords);
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
}

function logRecords(body: string): OtlpLogRecord[] {
  const { resourceLogs } = JSON.parse(body) as OtlpLogsRequest;
  return resourceLogs.flatMap(({ scopeLogs }) => scopeLogs).flatMap(({ logRecords: each }) => each);
}

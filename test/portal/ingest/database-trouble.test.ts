import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { startPostgres, type TestDatabase } from '../../support/portal/database.ts';
import { crashRecord } from '../../support/portal/records.ts';
import { agentRequest, type LogsAnswer, sendLogs } from '../../support/portal/send-logs.ts';
import {
  newToken,
  startPortalProcess,
  startTestPortal,
  type TestPortal,
  withStore,
} from '../../support/portal/start-portal.ts';
import { runProgram } from '../../support/run-program.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

let postgres: TestDatabase;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres[Symbol.asyncDispose]());

let made = 0;
const crash = () => agentRequest([crashRecord((made++).toString(16).padStart(24, '0'), Date.now())]);

describe('a database that is gone', () => {
  test('is said in both formats with a time to come again; what is sent again is counted once', async () => {
    await using portal = await startTestPortal({ database: await postgres.fresh() });
    const [before, during] = [crash(), crash()];
    assert.equal((await sendLogs(portal, before)).status, 200);
    await postgres.kill();
    for (const format of ['json', 'protobuf'] as const) {
      const answer = await sendLogs(portal, during, { format });
      assertComeAgain(answer);
      assert.equal(answer.json.code, 14);
    }
    assert.equal((await fetch(`${portal.url}/readyz`)).status, 503);
    // A restart would not help.
    assert.equal((await fetch(`${portal.url}/livez`)).status, 200);
    await postgres.start();
    for (const request of [before, during, during]) {
      assert.equal((await sendUntil(portal, request, 200)).status, 200);
    }
    for (const name of ['readyz', 'healthz']) {
      assert.equal((await fetch(`${portal.url}/${name}`)).status, 200);
    }
    assert.equal(await countOf(portal), 2);
    // What the database said is for the log alone, once for each failure.
    assert.match(portal.log(), /records could not be stored/);
  });
});

describe('a database that is slow', () => {
  test('keeps who sends waiting, or asks to come again, and loses nothing', async () => {
    const url = await postgres.fresh();
    await using portal = await startTestPortal({ database: url });
    assert.equal((await sendLogs(portal, crash())).status, 200);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query('begin');
      await client.query('lock table instances in access exclusive mode');
      const requests = Array.from({ length: 20 }, crash);
      const answers = requests.map((request) => sendLogs(portal, request));
      // Others are answered meanwhile.
      assert.equal((await fetch(`${portal.url}/assets/none`)).status, 404);
      await client.query('commit');
      for (const [index, answer] of (await Promise.all(answers)).entries()) {
        if (answer.status === 200) continue;
        assertComeAgain(answer);
        await sendUntil(portal, requests[index] ?? {}, 200);
      }
    } finally {
      await client.end();
    }
    assert.equal(await countOf(portal), 21);
  });
});

describe('a disk that is full', () => {
  test('is said, and everything is taken once there is room again', async () => {
    await using directory = await temporaryDirectory('full');
    const place = { dataDir: directory.path };
    const token = await withStore(place, (store) => newToken(store, 'shop'));
    await using portal = await startPortalProcess(place);
    const to = { url: portal.url, token };
    assert.equal((await sendLogs(to, crash())).status, 200);
    const log = statSync(path.join(directory.path, 'portal.db-wal')).size;
    // No file of the portal's may grow further.
    await limitFiles(portal.program.pid, `${log}`);
    let sent = 1;
    let request = crash();
    let answer = await sendLogs(to, request);
    for (; answer.status === 200; sent++) {
      request = crash();
      answer = await sendLogs(to, request);
    }
    assertComeAgain(answer);
    await limitFiles(portal.program.pid, 'unlimited');
    await sendUntil(to, request, 200);
    await portal[Symbol.asyncDispose]();
    const counted = await withStore(place, (store) => store.instances('shop', Date.now()));
    assert.equal(counted[0]?.crashesTotal, sent + 1);
  });
});

/** The soft limit alone, which can be raised again. */
async function limitFiles(pid: number, limit: string): Promise<void> {
  const { code, stderr } = await runProgram('prlimit', ['--pid', `${pid}`, `--fsize=${limit}:`]);
  assert.equal(code, 0, stderr);
}

function assertComeAgain({ status, retryAfter, body }: LogsAnswer): void {
  assert.equal(status, 503, body.toString());
  assert.ok((retryAfter ?? 0) > 0);
  assert.match(body.toString(), /Nothing is lost/);
}

async function sendUntil(
  portal: { url: string; token: string },
  request: object,
  status: number,
): Promise<LogsAnswer> {
  const deadline = performance.now() + 120_000;
  let answer = await sendLogs(portal, request);
  while (answer.status !== status && performance.now() < deadline) answer = await sendLogs(portal, request);
  return answer;
}

async function countOf({ store }: TestPortal): Promise<number> {
  const instances = await store.instances('shop', Date.now());
  return instances.reduce((sum, { crashesTotal }) => sum + crashesTotal, 0);
}

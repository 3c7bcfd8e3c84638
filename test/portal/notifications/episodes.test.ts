import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { MailServer } from '../../notify/mail-server.ts';
import { captureRecord, crashRecord, sent } from '../../support/portal/records.ts';
import { DAY, databases, HOUR, MINUTE, openTestPortal, START_MS } from './test-portal.ts';

const both = databases();
after(() => both[Symbol.asyncDispose]());

const subjects = (server: MailServer) => server.delivered.map(({ mail }) => mail.subject);
const toOps = (server: MailServer) => ({ smtp: server.url(), mailTo: ['ops@example.com'] });

for (const { name, fresh } of both.places) {
  describe(name, () => {
    test('a crash, its stack, and the quiet after it: two mails in one thread', async () => {
      await using server = await MailServer.start();
      await using portal = await openTestPortal(await fresh(), toOps(server));
      const { store, runner, clock } = portal;
      await store.write([sent(crashRecord('c1', START_MS))]);
      await runner.runDue();
      assert.deepEqual(subjects(server), [], 'it waits for the stack');
      await store.write([sent(captureRecord('c1', START_MS))]);
      await runner.runDue();
      assert.deepEqual(subjects(server), ['Your app, shop, crashed because of an uncaught TypeError']);
      const [first] = server.delivered;
      assert.match(first?.mail.text ?? '', /total\s.*src\/basket\.js:12/);
      assert.match(first?.mail.text ?? '', /https:\/\/crashes\.example\.org\/apps\/shop\/signatures\/\w{12}/);
      assert.match(
        first?.raw ?? '',
        /List-Unsubscribe: <https:.*\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click/,
      );
      clock.nowMs += 2 * HOUR;
      await runner.runDue();
      assert.match(subjects(server)[1] ?? '', /^Your app, shop, is stable again/);
      assert.equal(server.delivered[1]?.mail.inReplyTo, first?.mail.messageId);
      clock.nowMs += DAY;
      await runner.runDue();
      assert.equal(server.delivered.length, 2);
      assert.deepEqual(portal.warnings, []);
    });

    test('what is delivered again changes nothing', async () => {
      await using server = await MailServer.start();
      await using portal = await openTestPortal(await fresh(), toOps(server));
      const { store, runner, clock } = portal;
      const batch = [sent(crashRecord('c1', START_MS)), sent(captureRecord('c1', START_MS))];
      for (let times = 0; times < 3; times++) await store.write(batch);
      await runner.runDue();
      clock.nowMs += 2 * HOUR;
      await store.write(batch);
      await runner.runDue();
      assert.equal(server.delivered.length, 2);
      assert.match(server.delivered[1]?.mail.text ?? '', /In\stotal:\s1\scrash\son\sweb-1/);
    });

    test('the crashes without a stack around it are the same trouble; another cause is not', async () => {
      await using server = await MailServer.start();
      await using portal = await openTestPortal(await fresh(), toOps(server));
      const { store, runner, clock } = portal;
      const at = (uid: string) => sent(crashRecord(uid, clock.nowMs));
      await store.write([at('c1'), at('c2')]);
      clock.nowMs += MINUTE;
      await store.write([at('c3'), sent(captureRecord('c3', clock.nowMs))]);
      await runner.runDue();
      clock.nowMs += 10 * MINUTE;
      await store.write([at('c4'), at('c5')]);
      await runner.runDue();
      assert.equal(server.delivered.length, 1);
      await store.write([at('c6')]);
      const other = { signatures: ['v1:other'], title: 'RangeError in pay' };
      await store.write([sent(captureRecord('c6', clock.nowMs, other))]);
      await runner.runDue();
      assert.equal(server.delivered.length, 2);
      clock.nowMs += 3 * HOUR;
      await runner.runDue();
      const texts = server.delivered.slice(2).map(({ mail }) => mail.text ?? '');
      assert.equal(texts.length, 2);
      assert.ok(texts.some((text) => /In\stotal:\s5\scrashes/.test(text)));
    });

    test('a crash whose stack shows another cause counts once', async () => {
      await using server = await MailServer.start();
      await using portal = await openTestPortal(await fresh(), toOps(server));
      const { store, runner, clock } = portal;
      const armed = (uid: string) => sent({ ...crashRecord(uid, clock.nowMs), captured: true });
      await store.write([sent(crashRecord('c1', clock.nowMs)), armed('c2')]);
      await store.write([sent(captureRecord('c2', clock.nowMs))]);
      await store.write([armed('c3')]);
      const other = { signatures: ['v1:other'], title: 'RangeError in pay' };
      await store.write([sent(captureRecord('c3', clock.nowMs, other))]);
      // What cannot be distinguished counts for the cause that was captured last.
      await store.write([sent(crashRecord('c4', clock.nowMs)), sent(crashRecord('c5', clock.nowMs))]);
      clock.nowMs += 3 * HOUR;
      await runner.runDue();
      const totals = server.delivered.flatMap(
        ({ mail }) => mail.text?.match(/In\stotal:\s\d\scrash(es)?/)?.[0] ?? [],
      );
      assert.deepEqual(totals.map((text) => text.replaceAll(/\s/g, ' ')).toSorted(), [
        'In total: 2 crashes',
        'In total: 3 crashes',
      ]);
    });

    test('a stack that came after the first mail is in the one about the end', async () => {
      await using server = await MailServer.start();
      await using portal = await openTestPortal(await fresh(), toOps(server));
      const { store, runner, clock } = portal;
      await store.write([sent({ ...crashRecord('c1', clock.nowMs), captured: true })]);
      clock.nowMs += 3 * MINUTE;
      await runner.runDue();
      await store.write([sent(captureRecord('c1', clock.nowMs))]);
      clock.nowMs += 2 * HOUR;
      await runner.runDue();
      const [first, end] = server.delivered.map(({ mail }) => mail.text ?? '');
      assert.equal(server.delivered.length, 2);
      assert.doesNotMatch(first ?? '', /src\/basket\.js:12/);
      assert.match(end ?? '', /src\/basket\.js:12/);
    });

    test('a group that was resolved and is back is said to be', async () => {
      await using server = await MailServer.start();
      await using portal = await openTestPortal(await fresh(), toOps(server));
      const { store, runner, clock } = portal;
      const crash = (uid: string, version: string) => [
        sent(crashRecord(uid, clock.nowMs), { version }),
        sent(captureRecord(uid, clock.nowMs), { version }),
      ];
      await store.write(crash('c1', '1.0.0'));
      clock.nowMs += 2 * HOUR;
      await runner.runDue();
      const [group] = await store.signatures('shop', { fromMs: 0, toMs: clock.nowMs }, 1, clock.nowMs);
      await store.setResolved('shop', group?.id ?? '', { atMs: clock.nowMs, by: 'ada' });
      clock.nowMs += 12 * DAY;
      await store.write(crash('c2', '1.4.2'));
      await runner.runDue();
      assert.match(subjects(server)[2] ?? '', /^A crash of your app, shop, returned after 12 days/);
      assert.match(server.delivered[2]?.mail.text ?? '', /first in version\s1\.4\.2/);
      clock.nowMs += 2 * HOUR;
      await runner.runDue();
      await store.write(crash('c3', '1.4.2'));
      await runner.runDue();
      assert.match(
        subjects(server).at(-1) ?? '',
        /^Your app, shop, crashed/,
        'it did not return a second time',
      );
    });

    test('what happened while nothing arrived is reported once, as past', async () => {
      await using server = await MailServer.start();
      await using portal = await openTestPortal(await fresh(), toOps(server));
      const { store, runner, clock } = portal;
      const old = (uid: string, hours: number, instance: string) =>
        sent(crashRecord(uid, clock.nowMs - hours * HOUR), { instance });
      await store.write([old('c1', 9, 'web-1'), old('c2', 8, 'web-2')]);
      await runner.runDue();
      clock.nowMs += 5 * MINUTE;
      await store.write([old('c3', 7, 'web-3')]);
      await runner.runDue();
      assert.deepEqual(subjects(server), []);
      clock.nowMs += 20 * MINUTE;
      await runner.runDue();
      assert.deepEqual(subjects(server), ['3 crashes of your app, shop, up to 25 Nov 2026']);
      assert.match(server.delivered[0]?.mail.text ?? '', /None\sis\songoing/);
      clock.nowMs += DAY;
      await runner.runDue();
      assert.equal(server.delivered.length, 1);
    });

    test('old crashes of a cause that crashes again are not reported as over', async () => {
      await using server = await MailServer.start();
      await using portal = await openTestPortal(await fresh(), toOps(server));
      const { store, runner, clock } = portal;
      await store.write([sent(crashRecord('c1', clock.nowMs - 2 * HOUR))]);
      await store.write([sent(crashRecord('c2', clock.nowMs - MINUTE))]);
      await runner.runDue();
      const digest = server.delivered.find(({ mail }) => /^1 crash /.test(mail.subject ?? ''));
      const text = digest?.mail.text ?? '';
      assert.match(text, /crashed\sonce/);
      assert.doesNotMatch(text, /\bNone\b|\bOver\b|\bEnded\b/);
    });

    test('a clock that jumps loses nothing and repeats nothing', async () => {
      await using server = await MailServer.start();
      await using portal = await openTestPortal(await fresh(), toOps(server));
      const { store, runner, clock } = portal;
      await store.write([sent(crashRecord('c1', clock.nowMs)), sent(captureRecord('c1', clock.nowMs))]);
      await runner.runDue();
      clock.nowMs -= DAY;
      await store.write([sent(crashRecord('c2', clock.nowMs))]);
      await runner.runDue();
      clock.nowMs += HOUR + MINUTE;
      await runner.runDue();
      assert.equal(server.delivered.length, 2);
      clock.nowMs += 400 * DAY;
      await runner.runDue();
      assert.equal(server.delivered.length, 2);
    });
  });
}

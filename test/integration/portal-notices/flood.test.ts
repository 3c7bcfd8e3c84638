import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { SentRecord } from '../../../src/model/telemetry.ts';
import { captureRecord, crashRecord, sent } from '../../support/portal/records.ts';
import { MailServer } from '../notify/mail-server.ts';
import { databases, HOUR, MINUTE, openDesk } from './notice-desk.ts';

/** By hand: CRASHES=100000 INSTANCES=1000. */
const CRASHES = Number(process.env.CRASHES ?? 6_000);
const INSTANCES = Number(process.env.INSTANCES ?? 300);
const GROUPS = 5;
const STEPS = 60;

const both = databases();
after(() => both[Symbol.asyncDispose]());

for (const { name, fresh } of both.places) {
  test(`crashes of ten minutes on many instances: at most two mails an episode, ${name}`, async () => {
    await using server = await MailServer.start();
    await using desk = await openDesk(await fresh(), { smtp: server.url(), mailTo: ['ops@example.com'] });
    const { store, runner, clock } = desk;
    let made = 0;
    for (let step = 1; step <= STEPS; step++) {
      const records: SentRecord[] = [];
      // More and more instances have it, as with a deploy that reaches one after the other.
      const reached = Math.max(1, Math.ceil((INSTANCES * step) / STEPS));
      for (; made < (CRASHES * step) / STEPS; made++) {
        const instance = `web-${(made * 7) % reached}`;
        const uid = `crash-${made}`;
        const group = {
          signatures: [`v1:group-${made % GROUPS}`],
          title: `TypeError in group ${made % GROUPS}`,
        };
        const bare = { signatures: ['v1:none-exception'] };
        records.push(sent(crashRecord(uid, clock.nowMs, made % 50 < GROUPS ? bare : group), { instance }));
        if (made % 50 < GROUPS) records.push(sent(captureRecord(uid, clock.nowMs, group), { instance }));
      }
      await store.write(records);
      await runner.runDue();
      clock.nowMs += 10_000;
    }
    const threads = () => {
      const mails = new Map<string, number>();
      for (const { mail } of server.delivered) {
        const thread = mail.inReplyTo ?? mail.messageId ?? '';
        mails.set(thread, (mails.get(thread) ?? 0) + 1);
      }
      return [...mails.values()];
    };
    assert.equal(threads().length, GROUPS);
    assert.ok(
      threads().every((mails) => mails <= 2),
      threads().join(),
    );
    const inFlood = server.delivered.length;
    clock.nowMs += HOUR + MINUTE;
    await runner.runDue();
    const ends = server.delivered.slice(inFlood);
    assert.equal(ends.length, GROUPS, 'each is said to be over, once');
    const told = ends.map(({ mail }) =>
      Number(/There had been ([\d,.]+)\s/.exec(mail.text ?? '')?.[1]?.replaceAll(/\D/g, '')),
    );
    assert.equal(
      told.reduce((sum, crashes) => sum + crashes, 0),
      CRASHES,
    );
    assert.deepEqual(desk.warnings, []);
  });
}

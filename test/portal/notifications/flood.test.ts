import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { grouped } from '../../../src/formats/quantity-words.ts';
import type { SentRecord } from '../../../src/model/telemetry.ts';
import { APP_LIMITS } from '../../../src/portal/store/limits.ts';
import { MailServer } from '../../notify/mail-server.ts';
import { captureRecord, crashRecord, redactedReport, sent } from '../../support/portal/records.ts';
import { databases, HOUR, MINUTE, openTestPortal } from './test-portal.ts';

/** Manually: CRASHES=100000 INSTANCES=1000, and CAUSES=100000. */
const CRASHES = Number(process.env.CRASHES ?? 3_000);
const INSTANCES = Number(process.env.INSTANCES ?? 300);
const GROUPS = 5;
const STEPS = 60;
const CAUSES = Number(process.env.CAUSES ?? 800);
const AT_ONCE = 400;
/** Fewer than `CAUSES`: the portal counts the rest as one. */
const MOST_GROUPS = 600;

const PER_HOUR = APP_LIMITS.notificationsPerHour;

const both = databases();
after(() => both[Symbol.asyncDispose]());

for (const { name, fresh } of both.places) {
  test(`crashes of ten minutes on many instances: at most two mails an episode, ${name}`, async () => {
    await using server = await MailServer.start();
    await using portal = await openTestPortal(await fresh(), {
      smtp: server.url(),
      mailTo: ['ops@example.com'],
    });
    const { store, runner, clock } = portal;
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
    const totals = ends.map(({ mail }) =>
      Number(/In\stotal:\s([\d,.]+)\s/.exec(mail.text ?? '')?.[1]?.replaceAll(/\D/g, '')),
    );
    assert.equal(
      totals.reduce((sum, crashes) => sum + crashes, 0),
      CRASHES,
    );
    assert.deepEqual(portal.warnings, []);
  });

  test(`each crash with a cause of its own: ${PER_HOUR} mails and a digest, beside another app, ${name}`, async () => {
    await using server = await MailServer.start();
    const sending = { smtp: server.url(), mailTo: ['ops@example.com'] };
    await using portal = await openTestPortal(await fresh(), sending, {
      limits: { signatures: MOST_GROUPS },
    });
    const { store, runner, clock } = portal;
    const mailsOf = (app: string) =>
      server.delivered.filter(
        ({ mail }) => mail.subject?.includes(`${app},`) || mail.subject?.includes(`${app}:`),
      );
    for (let made = 0; made < CAUSES; made += AT_ONCE) {
      const records: SentRecord[] = [];
      for (let at = made; at < Math.min(made + AT_ONCE, CAUSES); at++) {
        const group = { signatures: [`v1:cause-${at}`], title: `TypeError in cause ${at}` };
        // Twelve crash more often than the others.
        for (let again = 0; again < (at < 12 ? 5 : 1); again++) {
          records.push(sent(crashRecord(`crash-${at}-${again}`, clock.nowMs, group), { app: 'noisy' }));
          const report = redactedReport(`crash-${at}-${again}`, `cause${at}`);
          records.push(
            sent(captureRecord(`crash-${at}-${again}`, clock.nowMs, { ...group, report }), { app: 'noisy' }),
          );
        }
      }
      await store.write(records);
    }
    await store.write([
      sent(crashRecord('real-crash', clock.nowMs), { app: 'quiet' }),
      sent(captureRecord('real-crash', clock.nowMs), { app: 'quiet' }),
    ]);
    await runner.runDue();
    assert.equal(mailsOf('noisy').length, PER_HOUR);
    assert.equal(mailsOf('quiet').length, 1);
    clock.nowMs += 6 * MINUTE;
    await runner.runDue();
    const [digest, ...others] = mailsOf('noisy').slice(PER_HOUR);
    assert.deepEqual(others, []);
    const crashes = CAUSES + 12 * 4;
    // The others have no group of their own, and are one cause.
    const groups = MOST_GROUPS + 1;
    const held = { causes: groups - PER_HOUR, crashes: crashes - 12 * 5 - (PER_HOUR - 12) };
    assert.match(
      digest?.mail.subject ?? '',
      new RegExp(`^${grouped(held.crashes)} crashes.*: at least ${grouped(held.causes)} causes$`),
    );
    assert.match(digest?.mail.text ?? '', new RegExp(`the 12 largest of ${grouped(held.causes)} causes`));
    assert.equal(
      digest?.mail.text?.match(/^(?:TypeError in cause\d+ \(src\/basket\.js\)|Other causes)$/gm)?.length,
      12,
    );
    // The end of each: what was reported alone is over alone, in an hour that has room for it.
    clock.nowMs += 2 * HOUR;
    await runner.runDue();
    assert.equal(mailsOf('noisy').length, PER_HOUR + 1 + PER_HOUR);
    assert.equal(mailsOf('quiet').length, 2);
    clock.nowMs += HOUR;
    await runner.runDue();
    assert.equal(mailsOf('noisy').length, PER_HOUR + 1 + PER_HOUR, 'nothing is reported twice');
    assert.deepEqual(await store.notifications.outboxCounts(), { waiting: 0, dead: 0 });
    assert.ok(
      (await store.notifications.log('noisy', 1_000)).length <= 4 * PER_HOUR,
      'the log is bounded too',
    );
    assert.deepEqual(portal.warnings, []);
  });

  test(`a new app's mail does not wait for all of another's, ${name}`, async () => {
    await using server = await MailServer.start();
    const limits = { notificationsPerHour: 10_000 };
    await using portal = await openTestPortal(
      await fresh(),
      { smtp: server.url(), mailTo: ['ops@example.com'] },
      { limits },
    );
    const { store, runner, clock } = portal;
    const crashOf = (app: string, at: number) => {
      const group = { signatures: [`v1:${app}-${at}`], title: `TypeError in ${app} ${at}` };
      const uid = `crash-${app}-${at}`;
      return [
        sent(crashRecord(uid, clock.nowMs, group), { app }),
        sent(captureRecord(uid, clock.nowMs, group), { app }),
      ];
    };
    const noisy = ['noisy-1', 'noisy-2', 'noisy-3', 'noisy-4', 'noisy-5', 'noisy-6', 'noisy-7', 'noisy-8'];
    for (const app of noisy) await store.write(Array.from({ length: 8 }, (_, at) => crashOf(app, at)).flat());
    clock.nowMs += 1_000;
    await store.write(crashOf('quiet', 0));
    await runner.runDue();
    assert.equal(server.delivered.length, noisy.length * 8 + 1);
    const place = server.delivered.findIndex(({ mail }) => mail.subject?.includes('quiet'));
    assert.ok(place >= 0 && place < 2 * noisy.length + 6, `it was mail ${place + 1}`);
  });
}

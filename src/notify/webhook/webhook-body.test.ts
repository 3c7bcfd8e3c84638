import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { hostileNotification } from '../../../test/notify/hostile-notification.ts';
import {
  CRASH_NOTIFICATIONS,
  crashNotification,
  DIGEST,
  frame,
  report,
  TEST_NOTIFICATION,
} from '../../../test/notify/sample-notifications.ts';
import { assertGolden } from '../../../test/support/golden.ts';
import type { Notification } from '../notification.ts';
import { webhookBody } from './webhook-body.ts';
import { WEBHOOK_PRESETS, type WebhookPreset } from './webhook-target.ts';

const CHATS = ['slack', 'teams', 'discord'] as const;
const CALLS = /<[!@#]|<\/?at>|@(?:everyone|here|channel)\b/i;

/** As much of everything as there can be. */
const LONG = 'a&<`*'.repeat(4000);
const HUGE: Notification[] = [
  crashNotification({
    app: LONG,
    title: LONG,
    exceptionType: LONG,
    code: LONG,
    version: LONG,
    instances: { count: 1e6, names: new Array(1000).fill(LONG) },
    report: {
      ...report('exception'),
      frames: new Array(500).fill(frame(LONG, LONG, 1)),
      causes: new Array(50).fill({
        exceptionType: LONG,
        code: LONG,
        frames: new Array(500).fill(frame(LONG, LONG, 1)),
        members: [],
      }),
    },
  }),
  { ...DIGEST, items: new Array(500).fill({ ...DIGEST.items[0], title: LONG, exceptionType: LONG }) },
];

describe('the body of a webhook', () => {
  for (const preset of WEBHOOK_PRESETS) {
    for (const [name, notification] of Object.entries({
      'stack overflow': CRASH_NOTIFICATIONS['stack overflow'] ?? crashNotification(),
      digest: DIGEST,
      test: TEST_NOTIFICATION,
    })) {
      test(`for ${preset}: ${name}`, () => {
        const body = JSON.stringify(JSON.parse(webhookBody(notification, preset)), null, 2);
        assertGolden(`notify/webhook/${preset}-${name.replaceAll(' ', '-')}.json`, `${body}\n`);
      });
    }
  }

  test('mentions no user, whatever the names are', () => {
    fc.assert(
      fc.property(hostileNotification, fc.constantFrom(...CHATS), ({ hostile }, preset) => {
        for (const text of stringsOf(JSON.parse(webhookBody(hostile, preset)))) {
          assert.doesNotMatch(text, CALLS);
          assert.ok(text.isWellFormed());
        }
      }),
    );
  });

  test('keeps code in its fence', () => {
    fc.assert(
      fc.property(hostileNotification, fc.constantFrom('slack', 'discord'), ({ hostile }, preset) => {
        for (const text of stringsOf(JSON.parse(webhookBody(hostile, preset as WebhookPreset)))) {
          assert.equal((text.match(/(?<!\\)```/g) ?? []).length % 2, 0);
        }
      }),
    );
  });

  test('leads nowhere but to the portal', () => {
    fc.assert(
      fc.property(hostileNotification, fc.constantFrom(...CHATS), ({ hostile }, preset) => {
        const addresses = stringsOf(JSON.parse(webhookBody(hostile, preset))).flatMap(
          (text) => text.match(/https?:\/\/[^/\s]*/g) ?? [],
        );
        return addresses.every(
          (url) => url === 'https://crashes.example.com' || url === 'http://adaptivecards.io',
        );
      }),
    );
  });
});

describe('the limits of', () => {
  test('Slack', () => {
    for (const notification of [...Object.values(CRASH_NOTIFICATIONS), ...HUGE]) {
      const { text, blocks } = JSON.parse(webhookBody(notification, 'slack'));
      assert.ok(text.length <= 4000 && blocks.length <= 50);
      for (const block of blocks) {
        if (block.type === 'header') assert.ok(block.text.text.length <= 150);
        if (block.type === 'section' && block.text)
          assert.ok(block.text.text.length <= 3000, block.text.text);
        assert.ok((block.fields ?? []).length <= 10);
        for (const field of block.fields ?? []) assert.ok(field.text.length <= 2000);
        for (const part of stringsOf(block)) assert.notEqual(part, '');
      }
    }
  });

  test('Discord', () => {
    for (const notification of [...Object.values(CRASH_NOTIFICATIONS), ...HUGE]) {
      const [{ title, description, fields, footer }] = JSON.parse(
        webhookBody(notification, 'discord'),
      ).embeds;
      assert.ok(
        title.length <= 256 &&
          description.length <= 4096 &&
          fields.length <= 25 &&
          footer.text.length <= 2048,
      );
      const named: { name: string; value: string }[] = fields;
      for (const { name, value } of named)
        assert.ok(name.length <= 256 && value.length <= 1024 && value !== '');
      const sum = named.reduce((all, { name, value }) => all + name.length + value.length, 0);
      assert.ok(title.length + description.length + footer.text.length + sum <= 6000);
    }
  });

  test('Teams', () => {
    for (const notification of HUGE)
      assert.ok(Buffer.byteLength(webhookBody(notification, 'teams')) <= 28 * 1024);
  });

  test('our own', () => {
    for (const notification of HUGE)
      assert.ok(Buffer.byteLength(webhookBody(notification, 'crashmon')) <= 512 * 1024);
  });
});

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsOf) : [];
}

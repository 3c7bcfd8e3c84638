import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { payload } from '../../src/notify/webhook/payload.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { hostileNotification } from './hostile-notification.ts';
import { CRASH_NOTIFICATIONS, DIGEST, EMPTY_DIGEST, TEST_NOTIFICATION } from './sample-notifications.ts';

const SCHEMA = JSON.parse(readFileSync(path.join(CHECKOUT, 'docs', 'webhook.schema.json'), 'utf8'));
const NOTICES = {
  ...CRASH_NOTIFICATIONS,
  digest: DIGEST,
  'empty digest': EMPTY_DIGEST,
  test: TEST_NOTIFICATION,
};

/** As it comes out of the body at the receiver's. */
const asPosted = (notification: Parameters<typeof payload>[0]) =>
  JSON.parse(JSON.stringify(payload(notification)));

describe('docs/webhook.schema.json', () => {
  const schema = z.fromJSONSchema(SCHEMA);
  const strict = z.fromJSONSchema(closed(SCHEMA) as typeof SCHEMA);

  for (const [name, notification] of Object.entries(NOTICES)) {
    test(`describes every field of what is posted: ${name}`, () => {
      assert.deepEqual(strict.safeParse(asPosted(notification)).error?.issues ?? [], []);
    });
  }

  test('describes what is posted whatever the names are', () => {
    fc.assert(
      fc.property(hostileNotification, ({ hostile }) => {
        assert.deepEqual(schema.safeParse(asPosted(hostile)).error?.issues ?? [], []);
      }),
    );
  });

  test('rejects what is no such message', () => {
    const good = asPosted(CRASH_NOTIFICATIONS.recovered ?? TEST_NOTIFICATION);
    const { episode, ...without } = good;
    for (const bad of [
      {},
      without,
      { ...good, kind: 'else' },
      { ...good, episode: { ...episode, crashes: '1' } },
    ]) {
      assert.equal(schema.safeParse(bad).success, false);
    }
    assert.equal(schema.safeParse({ ...good, later: 1 }).success, true);
    assert.equal(strict.safeParse({ ...good, later: 1 }).success, false);
  });
});

/** The schema, with no field allowed that it does not name. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([name, inner]) => [name, closed(inner)]);
  const made = Object.fromEntries(entries);
  return made.properties === undefined ? made : { ...made, additionalProperties: false };
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import {
  CRASH_NOTIFICATIONS,
  crashNotification,
  DIGEST,
  TEST_NOTIFICATION,
} from '../../../test/notify/sample-notifications.ts';
import { PAYLOAD_VERSION, payload } from './payload.ts';

const DOCUMENT = path.join(import.meta.dirname, '..', '..', '..', 'docs', 'webhooks.md');
/** Said once, for items of digests and frames of causes have the same. */
const SAID_ELSEWHERE =
  /^digest\.crashes\[\]\.(?:title|kind|cause|exceptionType|code|signal|exitCode)$|^crash\.report\.causes\[\]\.frames\[\]/;

describe('what webhooks post', () => {
  test('has exactly the fields that are documented', () => {
    const documented = Array.from(
      readFileSync(DOCUMENT, 'utf8').matchAll(
        /^\| `([a-z][\w.[\]]*)` \| (?:string|number|boolean|object|array)/gm,
      ),
      (match) => match[1],
    );
    const notifications = [...Object.values(CRASH_NOTIFICATIONS), DIGEST, TEST_NOTIFICATION];
    const posted = new Set(notifications.flatMap((notification) => pathsOf(payload(notification), '')));
    assert.deepEqual(
      [...posted].filter((field) => !SAID_ELSEWHERE.test(field)).toSorted(),
      documented.toSorted(),
    );
  });

  test('has the documented version', () => {
    assert.match(
      readFileSync(DOCUMENT, 'utf8'),
      new RegExp(`^\\| \`schemaVersion\` \\| number \\| ${PAYLOAD_VERSION}\\.`, 'm'),
    );
  });

  test('has the same id whenever it is posted, and another for another notification', () => {
    const id = (more: Parameters<typeof crashNotification>[0]) =>
      (payload(crashNotification(more)) as { id: string }).id;
    assert.equal(id({}), id({ crashes: 9, atMs: 1 }));
    assert.notEqual(id({}), id({ kind: 'recovered' }));
    assert.notEqual(id({}), id({ episodeId: 'e2' }));
  });

  test('survives times that are none', () => {
    const { at } = payload(crashNotification({ atMs: Number.NaN })) as { at: string | null };
    assert.equal(at, null);
  });
});

function pathsOf(value: unknown, prefix: string): string[] {
  if (Array.isArray(value))
    return value.flatMap((item) => (typeof item === 'object' ? pathsOf(item, `${prefix}[]`) : []));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const field = prefix === '' ? name : `${prefix}.${name}`;
    return [field, ...pathsOf(inner, field)];
  });
}

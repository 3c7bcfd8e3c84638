import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { auditView } from './audit-view.ts';

const PORTAL = path.join(import.meta.dirname, '../..');

test('every audited action has words', () => {
  const files = globSync('{access,routes,notifications,api}/**/*.ts', {
    cwd: PORTAL,
    exclude: ['**/*.test.ts'],
  });
  const found = files.flatMap((file) => {
    const text = readFileSync(path.join(PORTAL, file), 'utf8');
    return Array.from(text.matchAll(/\baudit\([^;]*?'([a-z]+(?:-[a-z]+)*)'/g), (match) => match[1] ?? '');
  });
  assert.ok(found.length >= 10, found.join());
  for (const what of new Set(found)) {
    const said = auditView([{ atMs: 0, who: 'ada', what, app: null, detail: '' }], false).toString();
    if (what.includes('-')) assert.doesNotMatch(said, new RegExp(`<td>${what}`), what);
  }
});

test('an unknown action is shown as it is', () => {
  const entry = { atMs: 0, who: '<b>', what: 'later-act', app: 'shop', detail: '<i>' };
  const said = auditView([entry], true).toString();
  assert.match(said, /&lt;b&gt;.*later-act.*&lt;i&gt;.*shop/s);
});

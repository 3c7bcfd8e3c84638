import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostUrls } from './postgres-hosts.ts';

test('one host is the URL as it was given', () => {
  for (const url of [
    'postgres://portal@db.example.org/crashmon',
    'postgresql://portal:p%40ss@[::1]:5432/crashmon?sslmode=verify-full',
    'postgres:///crashmon?host=/run/postgresql',
    'postgres://portal@%2Ftmp%2Fpg/portal_1',
  ])
    assert.deepEqual(hostUrls(url), [url]);
});

test('several hosts have the rest in common', () => {
  assert.deepEqual(hostUrls('postgres://portal:a,b@one:5431,two,[::1]:5433/crashmon?sslmode=require'), [
    'postgres://portal:a,b@one:5431/crashmon?sslmode=require',
    'postgres://portal:a,b@two/crashmon?sslmode=require',
    'postgres://portal:a,b@[::1]:5433/crashmon?sslmode=require',
  ]);
});

test('what is not such a URL', () => {
  for (const url of [
    ...['', 'mysql://one/two', 'postgres:/one', 'postgres://one,/x', 'postgres://,/x', 'postgres://a:x,b/x'],
    `postgres://${Array.from({ length: 10 }, (_, at) => `h${at}`).join()}/x`,
    'postgres://one:5432,two:99999/x',
  ])
    assert.equal(hostUrls(url), null, url);
});

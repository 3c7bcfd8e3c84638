import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PRINTED_STACKS } from '../../../../test/support/portal/printed-stacks.ts';
import { foreignCrash } from './foreign-crash.ts';

/** What version 0.1 formed of the same stacks. */
const BEFORE: Readonly<Record<string, string>> = {
  nodejs: 'v1:42ed4a1814915a18',
  python: 'v1:e590df4b1db31200',
  java: 'v1:7c1a87b568bf5ea3',
  go: 'v1:4b548f5102132d1e',
  dotnet: 'v1:8edcaa450fb2bde4',
  ruby: 'v1:4e1d918fa379e4ff',
  php: 'v1:73ba09b5f144b458',
};

for (const { language, text } of PRINTED_STACKS) {
  test(`the group of a running ${language} app continues`, () => {
    const attributes = new Map([
      ['exception.stacktrace', text('SECRET')],
      ['exception.message', 'SECRET'],
    ]);
    const log = { eventName: 'app.crash', atMs: 1, attributes };
    const source = { app: 'shop', instance: 'web-1', version: null };
    const [{ signatures }] = foreignCrash(log, null, source, new Map());
    assert.ok(signatures.includes(BEFORE[language] ?? ''), signatures.join(' '));
  });
}

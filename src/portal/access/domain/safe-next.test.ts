import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inputs } from '../../../../test/support/rounds.ts';
import { safeNext, signInUrl } from './safe-next.ts';

test('paths of the portal are kept', () => {
  for (const path of ['/', '/apps/shop?range=1d', '/apps/a%2Fb/history?kind=fault&after=1', '/account'])
    assert.equal(safeNext(path), path);
});

test('everything else leads to the start', () => {
  const evil = [
    ...['https://evil.example/', '//evil.example', '/\\evil.example', '\\\\evil.example', '/%5c/x\\y'],
    ...['javascript:alert(1)', 'data:text/html,x', '/\t/evil.example', '/\n/evil.example', ' /x', 'x', ''],
    ...['/.//evil.example', '/x/..//evil.example', '/sign-in', '/sign-out?x', '/setup/abc', '/link/abc'],
    ...[`/${'x'.repeat(3000)}`, '/é', null, undefined, 7, ['/apps']],
  ];
  for (const next of evil) assert.equal(safeNext(next), '/', String(next));
});

test('whatever is given, a browser stays on the portal', () => {
  const pieces = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    '@',
    ':',
    '?',
    '#',
    '%2f',
    '%5c',
    '\t',
    'http:',
    'evil.example',
    ' ',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 8 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(text, fc.boolean(), (rest, hasSlash) => {
      const next = safeNext(hasSlash ? `/${rest}` : rest);
      const landed = new URL(next, 'https://portal.example/sign-in');
      assert.equal(landed.origin, 'https://portal.example');
      assert.match(next, /^\/(?![/\\])/);
      assert.equal(safeNext(next), next);
      const wanted = new URL(signInUrl(rest), 'https://portal.example').searchParams.get('next');
      assert.equal(safeNext(wanted ?? '/'), wanted ?? '/');
    }),
    { numRuns: inputs(2000) },
  );
});

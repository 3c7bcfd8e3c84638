import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSameOrigin } from './same-origin.ts';

const OWN = ['https://portal.example'];

test('pages of our own, and what is no browser', () => {
  assert.ok(isSameOrigin({ 'sec-fetch-site': 'same-origin', origin: OWN[0] }, OWN));
  assert.ok(isSameOrigin({ origin: OWN[0] }, OWN));
  assert.ok(isSameOrigin({}, OWN));
});

test('pages of others, of neighboring hosts and ports, and hidden ones', () => {
  for (const site of ['cross-site', 'same-site', ''])
    assert.ok(!isSameOrigin({ 'sec-fetch-site': site, origin: OWN[0] }, OWN), site);
  for (const origin of [
    'null',
    '',
    'http://portal.example',
    'https://portal.example:444',
    'https://portal.example.evil',
  ])
    assert.ok(!isSameOrigin({ origin }, OWN), origin);
});

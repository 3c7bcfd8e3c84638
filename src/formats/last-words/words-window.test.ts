import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastLines } from './words-window.ts';

test('lines have no colors and no carriage returns', () => {
  assert.deepEqual(lastLines('\u001b[31mred\u001b[0m\r\nplain\r\nno end'), ['red', 'plain', 'no end']);
});

test('an empty text has no lines, an empty line is one', () => {
  assert.deepEqual([lastLines(''), lastLines('\n'), lastLines('a\n\n')], [[], [''], ['a', '']]);
});

test('the last 12,000 lines are read, start and end of long ones', () => {
  const lines = lastLines(`first\n${'x\n'.repeat(11_999)}${'y'.repeat(3_000)}z\n`);
  assert.equal(lines.length, 12_000);
  assert.deepEqual([lines[0], lines.at(-1)], ['x', `${'y'.repeat(1_999)}z`]);
});

test('a dump with more lines is read from its heading', () => {
  const dump = `log\npanic: x\n\ngoroutine 1 [running]:\n${'y\n'.repeat(20_000)}`;
  assert.equal(lastLines(dump).includes('panic: x'), false);
  const lines = lastLines(dump, ['panic: ', 'fatal error: ']);
  assert.equal(lines.length, 12_000);
  assert.deepEqual(lines.slice(0, 3), ['log', 'panic: x', '']);
  assert.deepEqual(lastLines(dump, ['other: ']), lastLines(dump));
});

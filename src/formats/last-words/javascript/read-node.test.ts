import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Vouchers } from '../../../model/last-words.ts';
import { readLastWords } from '../readers.ts';

const SOURCE = '\nfunction pay(order) { return order.total.value; }\n';
const VOUCHERS: Vouchers = { readSource: () => SOURCE, program: null, readClass: () => null };
const STACK = `\nTypeError: card 4711 of Ann
    at pay (/srv/shop/server.js:2:42)
    at process.emit (node:events:514:28)
\n`;

test('a stack without the words of Node.js counts where a supervisor reports an exception, at the end', () => {
  const read = (text: string, isReported: boolean) => readLastWords('node', text, VOUCHERS, isReported);
  assert.equal(read(STACK, false), null);
  const words = read(`listening\n${STACK}`, true);
  assert.deepEqual([words?.form, words?.error.type, words?.linesAfter], ['reported', 'TypeError', 0]);
  const [pay] = words?.error.calls ?? [];
  assert.deepEqual([pay?.function, pay?.line, pay?.vouched], ['pay', 2, true]);
  // `throw 'text'` after an error that the app logged.
  assert.equal(read(`${STACK}no card\n`, true), null);
});

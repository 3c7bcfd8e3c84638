import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { previousSentences } from '../../../test/support/previous-version.ts';
import { readCoded } from '../coded.ts';
import { readReason } from '../read-reason.ts';
import { reasonOfSentence, sentenceOfReason } from './reason-sentences.ts';

const SENTENCES = previousSentences().reasons;

test('every sentence of version 0.1 is a code, and the code is the sentence again', () => {
  for (const { status, sentence } of SENTENCES) {
    const reason = reasonOfSentence(sentence);
    assert.ok(reason !== null, sentence);
    // Of two that meant the same, one is left.
    const again = sentenceOfReason(reason, status);
    const same = again === sentence || /exhausted heap on standard error$/.test(sentence);
    assert.ok(same && reasonOfSentence(again ?? '')?.code === reason.code, `${sentence}: ${again}`);
  }
  assert.ok(SENTENCES.length > 80);
});

test('signals keep their roles', () => {
  const cases: [string, object][] = [
    ['SIGSEGV: invalid memory access', { code: 'invalid-memory-access' }],
    [
      'exit 139, as a shell reports SIGSEGV: invalid memory access',
      { code: 'invalid-memory-access', shellSignal: 'SIGSEGV' },
    ],
    [
      'SIGSEGV: invalid memory access, then exit 134, as a shell reports SIGABRT by its own handler',
      { code: 'invalid-memory-access', firstSignal: 'SIGSEGV', shellSignal: 'SIGABRT' },
    ],
    [
      'stopped on request (SIGTERM was passed on, then SIGKILL)',
      { code: 'stop-requested', firstSignal: 'SIGTERM' },
    ],
    ['exit 1: unexpected, and nothing proves what it was; the next armed worker tells', { code: 'unknown' }],
    ['Reported by a sender other than crashmon', { code: 'foreign' }],
  ];
  for (const [sentence, reason] of cases) assert.deepEqual(readReason(sentence), reason, sentence);
});

test('nothing else is a reason, also if it begins or ends like one', () => {
  const texts = [
    'no price for card 4111',
    'exit 1: unhandled exception for alice',
    'alice exit 1: unhandled exception',
    'exit 1: unhandled exception\n',
    'exit 4111: unhandled exception',
    'SIGALICESECRET: invalid memory access',
    '',
  ];
  for (const text of texts) assert.deepEqual(readReason(text), { code: 'withheld' }, text);
  const text = fc.string().filter((each) => readCoded(each) === null);
  fc.assert(fc.property(text, (each) => readReason(each).code === 'withheld'));
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { PRINTED_STACKS } from '../../../../test/support/portal/printed-stacks.ts';
import { redact } from '../../../privacy/redact.ts';
import { LANGUAGES } from './line-parsers.ts';
import { parseStack } from './parse-stack.ts';

import { toFrame } from './to-frame.ts';

describe('stacks as each language prints them', () => {
  for (const { language, text, calls, causes } of PRINTED_STACKS) {
    test(language, () => {
      const stack = parseStack(text('SECRET'), null);
      assert.equal(stack.language, language);
      assert.deepEqual(publicCalls(stack.exception.calls, language), calls);
      assert.deepEqual(
        stack.causes.map(({ type, calls: inner }) => [type, ...publicCalls(inner, language)]),
        causes,
      );
    });
  }
});

test('text of any kind is read to its end and never thrown over', () => {
  const line = fc.constantFrom(
    ...PRINTED_STACKS.flatMap(({ text }) => text('SECRET').split('\n')),
    'x'.repeat(700),
    '    at '.repeat(90),
    `#0 ${'('.repeat(300)}`,
  );
  const lines = fc.array(fc.oneof(line, fc.string({ unit: 'grapheme' })), { maxLength: 60 });
  fc.assert(
    fc.property(lines, fc.constantFrom(null, ...LANGUAGES), (texts, hint) => {
      const { exception, causes } = parseStack(texts.join('\n'), hint);
      assert.ok(causes.length <= 8);
      for (const { line: number } of exception.calls) assert.ok(number === null || number >= 0);
    }),
  );
});

/** As they stand in a report: `function file:line`. */
function publicCalls(calls: ReturnType<typeof parseStack>['exception']['calls'], language: string): string[] {
  const report = redact({
    ...{ id: '', app: 'shop', instance: 'web-1', diedAtMs: 0, kind: 'exception', signal: null },
    ...{ exception: null, causes: [], heap: null, native: null, problems: [], holdMs: 0 },
    ...{ nodeVersion: null, appRoot: '', workspaceRoot: null },
    frames: calls.map((call) => toFrame(call, language as (typeof LANGUAGES)[number])),
  });
  return report.frames.map(
    ({ function: name, file, line, module }) =>
      `${name ?? '-'} ${file ?? '-'}:${line ?? '-'}${module === null ? '' : ` [${module}]`}`,
  );
}

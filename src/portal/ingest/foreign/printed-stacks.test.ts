import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { PRINTED_STACKS } from '../../../../test/support/portal/printed-stacks.ts';
import { LANGUAGES } from '../../../formats/printed-stack/line-parsers.ts';
import { parseStack } from '../../../formats/printed-stack/parse-stack.ts';
import { RUNTIMES } from '../../../model/runtime.ts';
import { redact } from '../../../privacy/redact.ts';
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

describe('PHP', () => {
  const chain = `PHP Fatal error:  Uncaught InvalidArgumentException: SECRET in /srv/shop/low.php:2
Stack trace:
#0 /srv/shop/mid.php(3): low('SECRET')
#1 /srv/shop/top.php(4): mid()
#2 {main}

Next RuntimeException: first line
#0 /srv/SECRET.php(1): secret()
second line in /srv/shop/mid.php:4
Stack trace:
#0 /srv/shop/top.php(5): mid()
#1 {main}
  thrown in /srv/shop/mid.php on line 4`;

  test('the cause comes first, and each call has the place inside of it', () => {
    const { exception, causes } = parseStack(chain, null);
    assert.deepEqual(publicCalls(exception.calls, 'php'), ['mid …/mid.php:4', '{main} …/top.php:5']);
    assert.deepEqual(
      causes.map(({ type, calls }) => [type, ...publicCalls(calls, 'php')]),
      [['InvalidArgumentException', 'low …/low.php:2', 'mid …/mid.php:3', '{main} …/top.php:4']],
    );
  });

  test('a trace without its exception has no place of the throw', () => {
    const trace = '#0 /srv/shop/top.php(5): Shop\\Cart->total(Array)\n#1 {main}';
    const { exception } = parseStack(trace, null);
    assert.deepEqual(publicCalls(exception.calls, 'php'), ['Shop\\Cart->total -:-', '{main} …/top.php:5']);
  });

  test('PHP 8.4 names closures by a place, and evaluated code has that of its eval', () => {
    const text = `RuntimeException: SECRET in /srv/shop/a.php(3) : eval()'d code:1
Stack trace:
#0 /srv/shop/a.php(3) : eval()'d code(1): Shop\\{closure:/srv/my shop/a.php:2}('SECRET')
#1 /srv/shop/a.php(7): Shop\\f()
#2 {main}`;
    assert.deepEqual(publicCalls(parseStack(text, null).exception.calls, 'php'), [
      'Shop\\{closure} …/a.php:3',
      'Shop\\f …/a.php:3',
      '{main} …/a.php:7',
    ]);
  });

  test('a report of a child process in a message is no exception of its own', () => {
    const text = `PHP Fatal error:  Uncaught RuntimeException: child failed:
PHP Fatal error:  Uncaught Secret: x in /a.php:1
Stack trace:
#0 {main}
  thrown in /a.php on line 1
 in /srv/shop/a.php:3
Stack trace:
#0 {main}
  thrown in /srv/shop/a.php on line 3`;
    const { exception, causes } = parseStack(text, null);
    assert.deepEqual([exception.type, exception.calls.length, causes], ['RuntimeException', 1, []]);
  });

  test('a stack in the form of OpenTelemetry', () => {
    const text = `RuntimeException: SECRET
 at Shop.Cart.total(Cart.php:12)
 at {main}(index.php:3)
Caused by: LogicException: SECRET
 at Shop.Cart.price(Cart.php:5)`;
    const { language, exception, causes } = parseStack(text, null);
    assert.equal(language, 'php');
    assert.deepEqual(publicCalls(exception.calls, 'php'), [
      'Shop.Cart.total …/Cart.php:12',
      '{main} …/index.php:3',
    ]);
    assert.deepEqual(
      causes.map(({ type }) => type),
      ['LogicException'],
    );
  });
});

test('Mono prints places in its own way, and Deno prints them in color', () => {
  const mono = `System.Exception: SECRET
  at Shop.Cart.Total (System.Int32 id) [0x00012] in /srv/shop/Cart.cs:12 
  at Shop.Cart\`1[T].Go () [0x00000] in <8da93f7cb5484cb6b0d9056521cfe923>:0 `;
  assert.deepEqual(publicCalls(parseStack(mono, null).exception.calls, 'dotnet'), [
    'Shop.Cart.Total …/Cart.cs:12',
    'Shop.Cart`1[T].Go -:-',
  ]);
  const deno = `error: Uncaught CartError: SECRET
    at \u001b[1m\u001b[3mtotal\u001b[0m (\u001b[36mfile:///srv/shop/cart.ts\u001b[0m:\u001b[33m12\u001b[0m:\u001b[33m44\u001b[0m)`;
  assert.deepEqual(publicCalls(parseStack(deno, null).exception.calls, 'nodejs'), ['total …/cart.ts:12']);
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
  const runtime = RUNTIMES.find((name) => name === language) ?? 'node';
  const report = redact({
    ...{ id: '', app: 'shop', instance: 'web-1', diedAtMs: 0, kind: 'exception', signal: null },
    ...{ exception: null, causes: [], heap: null, native: null, problems: [], holdMs: 0 },
    ...{ runtime: { name: runtime, version: null }, source: 'sender', appRoot: '', workspaceRoot: null },
    frames: calls.map((call) => toFrame(call, runtime)),
  });
  return report.frames.map(
    ({ function: name, file, line, module }) =>
      `${name ?? '-'} ${file ?? '-'}:${line ?? '-'}${module === null ? '' : ` [${module}]`}`,
  );
}

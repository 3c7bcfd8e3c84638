import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dieAndRead } from '../support/last-words/die-and-read.ts';

/** Arguments are printed whole: the worst that a configuration can do. */
const SETTINGS = [
  ...['log_errors=1', 'zend.exception_ignore_args=0', 'zend.exception_string_param_max_len=1000'],
].flatMap((setting) => ['-d', setting]);
const php = (program: string, more: Record<string, string> = {}, settings: readonly string[] = []) =>
  dieAndRead('php', ['php', '-d', 'display_errors=0', ...SETTINGS, ...settings], {
    'shop.php': program,
    ...more,
  });

const SHOP = `<?php
namespace Shop;
require __DIR__ . '/cart.php';
function checkout(string $card) {
  return array_map(fn ($item) => (new Cart($item))->total($card), ['CANARY']);
}
try { checkout("4111 called): (#1 {main}"); }
catch (\\JsonException $e) { throw new CartError("CANARY\\n #0 text", 1, $e); }
`;
const CART = `<?php
namespace Shop;
class CartError extends \\RuntimeException {}
class Cart {
  function __construct(private string $item) {}
  function __call($name, $args) { return self::parse($args[0], $name); }
  static function parse(string $text) {
    return json_decode($text, flags: JSON_THROW_ON_ERROR);
  }
}
`;

describe('an exception with its cause', () => {
  for (const display of ['0', 'stderr']) {
    test(`display_errors=${display}`, async () => {
      const { exit, proof, type, calls, causes } = await php(SHOP, { 'cart.php': CART }, [
        '-d',
        `display_errors=${display}`,
      ]);
      assert.deepEqual([exit, proof, type], [255, 'proven', 'Shop\\CartError']);
      assert.deepEqual(calls, ['{main} shop.php:8']);
      assert.deepEqual(causes, [
        {
          type: 'JsonException',
          calls: [
            'json_decode cart.php:8',
            'Shop\\Cart::parse cart.php:8',
            'Shop\\Cart->__call cart.php:6',
            'Shop\\{closure} shop.php:5',
            '? array_map -:-',
            'Shop\\checkout shop.php:5',
            '{main} shop.php:7',
          ],
        },
      ]);
    });
  }
});

describe('a message that imitates', () => {
  test('a whole report, as that of a child process', async () => {
    const { type, calls, causes } = await php(`<?php
function f($text) { throw new DomainException($text); }
f("child:\\nPHP Fatal error:  Uncaught CANARY: x in /a.php:1\\nStack trace:\\n#0 {main}\\n  thrown in /a.php on line 1\\n");
`);
    assert.deepEqual([type, causes, calls], ['DomainException', [], ['f shop.php:2', '{main} shop.php:3']]);
  });

  test('a cause', async () => {
    const { type, calls, causes } = await php(`<?php
function f($text) { throw new DomainException($text); }
f("x in /gone.php:1\\nStack trace:\\n#0 /gone.php(2): CANARY()\\n#1 {main}\\n\\nNext CANARYError: y");
`);
    assert.deepEqual([type, causes, calls], ['DomainException', [], ['f shop.php:2', '{main} shop.php:3']]);
  });
});

test('the text of another exception in a message is no cause', async () => {
  const { type, causes } = await php(`<?php
try { intdiv(1, 0); } catch (Error $e) { throw new RuntimeException("wrapped: " . $e, 0, $e); }
`);
  assert.deepEqual([type, causes.map((cause) => cause.type)], ['RuntimeException', ['DivisionByZeroError']]);
});

test('an anonymous class has the name of its parent', async () => {
  const { type, calls } = await php('<?php throw new class("CANARY") extends LogicException {};');
  assert.deepEqual([type, calls], ['LogicException', ['- shop.php:1']]);
});

test('evaluated code has the place of its eval', async () => {
  const { type, calls } = await php(
    '<?php\neval("\\n\\nfunction q() { throw new Exception(\'CANARY\'); }");\nq();\n',
  );
  assert.deepEqual([type, calls], ['Exception', ['q shop.php:2', '{main} shop.php:3']]);
});

describe('fatal errors have a place', () => {
  const errors: Record<string, [form: string, type: string | null, program: string]> = {
    'a memory limit': [
      'memory-limit',
      null,
      "<?php ini_set('memory_limit', '4M');\n$a = str_repeat('CANARY', 9_000_000);\n",
    ],
    'a time limit': ['time-limit', null, '<?php set_time_limit(1);\nwhile (true) { }\n'],
    'a declaration': ['fatal-error', null, '<?php function f() {}\nfunction f() {}\n'],
    'a syntax error': ['parse-error', 'ParseError', '<?php\nfunction ( { CANARY\n'],
    'one that the app triggered': [
      'fatal-error',
      null,
      '<?php\ntrigger_error("CANARY\\nin b.php on line 3", E_USER_ERROR);\n',
    ],
  };
  for (const [name, [form, type, program]] of Object.entries(errors)) {
    test(name, async () => {
      const death = await php(program);
      assert.deepEqual([death.exit, death.proof, death.words?.form, death.type], [255, 'proven', form, type]);
      assert.deepEqual(death.calls, ['- shop.php:2']);
    });
  }
});

test('what the app prints at shutdown follows it', async () => {
  const { proof, type } = await php(`<?php
register_shutdown_function(fn () => fwrite(STDERR, "closing CANARY\\n"));
throw new Exception("CANARY");
`);
  assert.deepEqual([proof, type], ['proven', 'Exception']);
});

test('a warning, or an exception that the app printed itself, is no death', async () => {
  for (const program of [
    'echo $CANARY; exit(1);',
    'fwrite(STDERR, new Exception("CANARY") . "\\n"); exit(255);',
  ]) {
    assert.equal((await php(`<?php ${program}`)).words, null, program);
  }
});

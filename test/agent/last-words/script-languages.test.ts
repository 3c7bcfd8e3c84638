import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { crashmon } from '../../support/crashmon.ts';
import { assertNothingLeft } from '../../support/leftovers.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { untilReported } from '../../support/until-reported.ts';
import { exitsOf, run } from '../run-worker.ts';

/** The report of the first crash, the reason of its exit, and what `crashmon show` prints. */
async function crash(command: readonly string[], files: Readonly<Record<string, string>>) {
  await using state = await stateDirectory();
  await using app = await temporaryDirectory('app');
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(app.path, name), text);
  const noCore = ['sh', '-c', 'ulimit -c 0; exec "$0" "$@"'];
  await run({
    stateDir: state.path,
    cwd: app.path,
    options: ['--restart', 'never'],
    command: [...noCore, ...command, Object.keys(files)[0] ?? ''],
  });
  const report = await untilReported(state.path);
  const [exit] = exitsOf(state.path);
  const { stdout } = await crashmon(['show'], { stateDir: state.path });
  await assertNothingLeft(state.path);
  assert.doesNotMatch(JSON.stringify(report) + stdout, /CANARY|4111/);
  const { source, proof, kind, exceptionType } = report;
  const calls = report.frames.map(({ function: name, file, line }) => `${name} ${file}:${line}`);
  return { report, reason: exit?.reason, facts: [source, proof, kind, exceptionType], calls, shown: stdout };
}

describe('the first crash has its stack', { concurrency: 2 }, () => {
  test('Ruby, with the cause', async () => {
    const { report, reason, facts, calls } = await crash(['ruby'], {
      'shop.rb':
        'require_relative "cart"\ndef pay = Cart.new.total("CANARY")\nbegin\n  pay\nrescue KeyError\n  raise Cart::Error, "4111"\nend\n',
      'cart.rb':
        'class Cart\n  class Error < StandardError; end\n  def total(card) = { card => 1 }.fetch("4111")\nend\n',
    });
    assert.equal(reason, "exit 1: likely uncaught exception (from Ruby's own report)");
    assert.deepEqual(facts, ['last-words', 'likely', 'exception', 'Cart::Error']);
    assert.deepEqual(calls, ['rescue in <main> shop.rb:6', '<main> shop.rb:3']);
    const [cause] = report.causes;
    assert.equal(cause?.exceptionType, 'KeyError');
    assert.deepEqual(
      cause.frames.map(({ function: name, file, line }) => `${name} ${file}:${line}`),
      ['fetch cart.rb:3', 'total cart.rb:3', 'pay shop.rb:2', '<main> shop.rb:4'],
    );
  });

  test("a failure of Ruby's own code is a fault, with the calls in Ruby", async () => {
    const { report, reason, facts, shown } = await crash(['ruby'], {
      'shop.rb': 'Process.kill(:SEGV, $$)\nsleep\n',
    });
    assert.match(shown, /use a library\s+in native code/);
    assert.equal(reason, 'SIGSEGV: fatal signal, then SIGABRT from its own signal handler');
    assert.deepEqual(facts, ['last-words', 'proven', 'fault', null]);
    assert.match(report.runtime?.version ?? '', /^\d+\.\d+\.\d+$/);
    assert.equal(report.frames.at(-1)?.function, '<main>');
  });

  test('PHP', async () => {
    const { report, reason, facts, calls } = await crash(
      ['php', '-d', 'display_errors=0', '-d', 'log_errors=1'],
      {
        'shop.php':
          '<?php\nnamespace Shop;\nclass Cart {\n  function pay(string $card) { throw new \\LogicException("CANARY"); }\n}\narray_map(fn ($card) => (new Cart)->pay($card), ["4111"]);\n',
      },
    );
    assert.equal(reason, "exit 255: uncaught exception (from PHP's own report)");
    assert.deepEqual(facts, ['last-words', 'proven', 'exception', 'LogicException']);
    assert.deepEqual(calls, [
      'Shop\\Cart->pay shop.php:4',
      'Shop\\{closure} shop.php:6',
      'array_map null:null',
      '{main} shop.php:6',
    ]);
    assert.deepEqual(
      report.frames.map(({ module }) => module),
      [null, null, 'php', null],
    );
  });

  test('a limit of PHP is a fatal error at a place, and its cause is known', async () => {
    const { reason, facts, calls, shown } = await crash(
      ['php', '-d', 'display_errors=0', '-d', 'log_errors=1'],
      {
        'shop.php': '<?php\nini_set("memory_limit", "4M");\n$card = str_repeat("CANARY", 9_000_000);\n',
      },
    );
    assert.equal(reason, "exit 255: fatal error (from PHP's own report)");
    assert.deepEqual(facts, ['last-words', 'proven', 'exception', 'memory limit exceeded']);
    assert.deepEqual(calls, ['null shop.php:3']);
    assert.match(shown, /\(no function\)\s+shop\.php:3/);
    assert.match(shown, /Known cause: The memory_limit of PHP was reached/);
  });

  test("Perl, with Carp's stack", async () => {
    const { reason, facts, calls } = await crash(['perl'], {
      'shop.pl':
        'use Carp;\nsub Cart::pay { confess "CANARY" }\nsub order { Cart::pay(@_) }\norder("4111");\n',
    });
    assert.equal(reason, "exit 255: likely uncaught exception (from Perl's own report)");
    assert.deepEqual(facts, ['last-words', 'likely', 'exception', null]);
    assert.deepEqual(calls, ['Cart::pay shop.pl:2', 'main::order shop.pl:3', '<main> shop.pl:4']);
  });
});

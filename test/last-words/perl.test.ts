import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dieAndRead } from '../support/last-words/die-and-read.ts';

const perl = (program: string, more: Record<string, string> = {}) =>
  dieAndRead('perl', ['perl', '-I.'], { 'shop.pl': program, ...more });

const CART = `package Cart;
use Carp;
sub pay { my ($card) = @_; croak("CANARY declined") }
sub total { confess "CANARY" }
sub check { carp("CANARY careful"); exit 1 }
1;
`;

describe('one place', () => {
  const deaths: Record<string, [exit: number, place: string, program: string]> = {
    die: [255, '- shop.pl:1', 'sub f { die "CANARY" }\nf();\n'],
    'die with a number of the system': [13, '- shop.pl:1', 'sub f { $! = 13; die "CANARY" }\nf();\n'],
    'die below the start of its statement': [
      255,
      '- shop.pl:1',
      '$! = 0; my $x = undef\n  // 0\n  or die "CANARY";\n',
    ],
    'die while a file is read': [255, '- shop.pl:1', 'open F, "<", $0; <F>; $! = 0; die "CANARY"\n'],
    'an error of Perl': [255, '- shop.pl:2', 'my $cart;\n$cart->CANARY();\n'],
    'an exception of autodie': [255, '- shop.pl:1', 'use autodie; open my $f, "<", "/srv/CANARY";\n'],
    "croak, at its caller's place": [255, '- shop.pl:2', 'use Cart;\nCart::pay("4111");\n'],
  };
  for (const [name, [exit, place, program]] of Object.entries(deaths)) {
    test(name, async () => {
      const death = await perl(program, { 'Cart.pm': CART });
      assert.deepEqual([death.exit, death.proof, death.type], [exit, 'likely', null], death.stderr);
      assert.deepEqual(death.calls, [place]);
    });
  }
});

test('a stack of Carp, whose arguments imitate one', async () => {
  const { proof, calls } = await perl(
    'use Cart;\nsub order { Cart::total(@_) }\norder("4111) called at CANARY.pl line 3", "\\n\\tCANARY::f() called at shop.pl line 1");\n',
    { 'Cart.pm': CART },
  );
  assert.equal(proof, 'likely');
  assert.deepEqual(calls, ['Cart::total Cart.pm:4', 'main::order shop.pl:2', '<main> shop.pl:3']);
});

test('a class of exceptions without text', async () => {
  const { proof, type, calls } = await perl('die bless { card => "CANARY" }, "Shop::Error";\n');
  assert.deepEqual([proof, type, calls], ['likely', 'Shop::Error', []]);
});

test('files that Perl could not compile', async () => {
  const syntax = await perl('my $x = ;\nmy $CANARY = ;\n');
  assert.deepEqual(
    [syntax.proof, syntax.words?.form, syntax.calls],
    ['likely', 'compile-error', ['- shop.pl:1']],
  );
  const missing = await perl('use strict;\nuse Shop::CANARY;\n');
  assert.deepEqual([missing.exit, missing.proof, missing.calls], [2, 'likely', ['- shop.pl:2']]);
});

describe('no death', () => {
  const exits: Record<string, string> = {
    'a warning of the app': 'warn "CANARY"; exit 255;\n',
    'a warning of Perl': 'use warnings; my $x; my $y = "$x"; exit 255;\n',
    "a module's warning": 'use Cart; Cart::check();\n',
    'a message with an end of line': 'die "CANARY\\n";\n',
    'an exit': 'exit 3;\n',
  };
  for (const [name, program] of Object.entries(exits)) {
    test(name, async () => {
      const { proof } = await perl(program, { 'Cart.pm': CART });
      assert.ok(proof === null || proof === 'printed', `${proof}`);
    });
  }
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dieAndRead } from '../support/last-words/die-and-read.ts';

const ruby = (program: string, more: Record<string, string> = {}) =>
  dieAndRead('ruby', ['ruby'], { 'shop.rb': program, ...more });

const SHOP = `require 'json'
require_relative 'cart'
module Shop
  def self.checkout(text)
    ["#{Cart.new.total(text)}"].each { |price| puts price }
  rescue JSON::ParserError
    raise CartError, "CANARY ada@example.org\\n  second line"
  end
end
Shop.checkout("{CANARY")
`;
const CART = `module Shop
  class CartError < StandardError; end
  class Cart
    define_method(:total) do |text|
      parse(text)
    end
    def parse(text) = JSON.parse(text)
  end
end
`;

test('an exception with its cause: methods, blocks, gems', async () => {
  const { exit, proof, type, calls, causes } = await ruby(SHOP, { 'cart.rb': CART });
  assert.deepEqual([exit, proof, type], [1, 'likely', 'Shop::CartError']);
  assert.deepEqual(calls, ['rescue in checkout shop.rb:7', 'checkout shop.rb:4', '<main> shop.rb:10']);
  assert.deepEqual(
    causes.map((cause) => cause.type),
    ['JSON::ParserError'],
  );
  assert.match(causes[0]?.calls[0] ?? '', /^parse common\.rb:\d+$/);
  assert.deepEqual(causes[0]?.calls.slice(-4), [
    'parse cart.rb:7',
    'block in <class:Cart> cart.rb:5',
    'checkout shop.rb:5',
    '<main> shop.rb:10',
  ]);
});

test('the bottom of an enumerator has no line', async () => {
  const { type, calls, causes } = await ruby(`list = Enumerator.new do
  raise KeyError, "CANARY"
rescue KeyError
  raise IOError
end
list.next
`);
  assert.equal(type, 'IOError');
  assert.deepEqual(calls.slice(0, 2), ['rescue in block in <main> shop.rb:4', 'block in <main> shop.rb:2']);
  assert.deepEqual(
    causes.map((cause) => cause.type),
    ['KeyError'],
  );
});

test('additions of Ruby to a message are no other text', async () => {
  const { proof, type, calls } = await ruby('@mail = "CANARY"\nself.cart_total\n');
  assert.deepEqual([proof, type, calls], ['likely', 'NoMethodError', ['<main> shop.rb:2']]);
});

describe('a message that imitates stacks', () => {
  test('of files that do not exist, of functions that do not, and of strings', async () => {
    const imitations = [
      "\\tfrom /srv/gone.rb:1:in `CANARY_a'",
      "\\tfrom #{__FILE__}:2:in `CANARY_b'",
      "#{__FILE__}:1:in `CANARY_c': text (CANARYError)",
      "\\tfrom #{__FILE__}:1:in `CANARY_d'",
      "/srv/gone.rb:1:in `CANARY_e': text (CANARY::Error)",
      "\\tfrom /srv/gone.rb:1:in `<main>'",
    ];
    const { type, calls, causes } = await ruby(
      `def f(text) = raise(ArgumentError, text)\nf "CANARY\\n${imitations.join('\\n')}"\n`,
    );
    assert.deepEqual([type, calls, causes], ['ArgumentError', ['f shop.rb:1', '<main> shop.rb:2'], []]);
  });

  test('that the app printed before', async () => {
    const { type, calls, causes, proof } = await ruby(`def old = raise(KeyError, "CANARY")
begin
  old
rescue => e
  warn e.full_message(highlight: false), "GET /CANARY 200"
end
def f = raise(IOError, "CANARY")
f
`);
    assert.deepEqual([type, proof, causes], ['IOError', 'likely', []]);
    assert.deepEqual(calls, ['f shop.rb:7', '<main> shop.rb:8']);
  });
});

describe('threads', () => {
  test('one that ends with an exception is no death', async () => {
    const { exit, proof } = await ruby('Thread.new { raise "CANARY" }.join rescue exit(1)');
    assert.deepEqual([exit, proof], [1, null]);
  });

  test('the main thread that joins it ends with the same exception: read once', async () => {
    const { proof, type, calls, causes } = await ruby(
      'def f = raise(KeyError, "CANARY")\nThread.new { f }.join',
    );
    assert.deepEqual([proof, type, causes], ['likely', 'KeyError', []]);
    assert.deepEqual(calls, ['f shop.rb:1', 'block in <main> shop.rb:2']);
  });

  test('a deadlock', async () => {
    const { proof, type, calls } = await ruby('def f = Thread.new { Thread.stop }.join\nf\n');
    assert.deepEqual([proof, type], ['likely', 'fatal']);
    assert.deepEqual(calls, ['join shop.rb:1', 'f shop.rb:1', '<main> shop.rb:2']);
  });
});

test('a syntax error has the place of the error, in the program and in a required file', async () => {
  const own = await ruby('def f\n  CANARY = = 1\nend\n');
  assert.deepEqual([own.proof, own.type, own.calls], ['likely', 'SyntaxError', ['- shop.rb:2']]);
  const required = await ruby('def boot = require_relative("broken")\nboot\n', { 'broken.rb': 'x = = 1\n' });
  assert.deepEqual([required.proof, required.type], ['likely', 'SyntaxError']);
  assert.deepEqual(required.calls.slice(-2), ['boot shop.rb:1', '<main> shop.rb:2']);
});

test('a failure of Ruby itself is proven by its report, and has the Ruby calls', async () => {
  const { exit, proof, words, calls } = await ruby('def f = Process.kill(:SEGV, $$)\nf\nsleep\n');
  assert.deepEqual([exit, proof, words?.signal], ['SIGABRT', 'proven', 'SIGSEGV']);
  assert.match(words?.version ?? '', /^\d+\.\d+\.\d+$/);
  assert.equal(calls.at(-1)?.startsWith('<main> shop.rb:'), true);
});

test('a stack whose newest call is last was printed by the app', async () => {
  const { proof, type, calls, causes } = await ruby(`def low = raise(KeyError, "CANARY low")
def f
  low
rescue KeyError
  raise IOError, "CANARY"
end
begin
  f
rescue => e
  warn e.full_message(highlight: false, order: :bottom)
  exit 1
end
`);
  assert.deepEqual([proof, type], ['printed', 'IOError']);
  assert.deepEqual(calls, ['rescue in f shop.rb:5', 'f shop.rb:2', '<main> shop.rb:8']);
  assert.deepEqual(causes, [
    { type: 'KeyError', calls: ['low shop.rb:1', 'f shop.rb:3', '<main> shop.rb:8'] },
  ]);
});

test('an exit without an exception has no last words', async () => {
  for (const program of ['abort "CANARY stop"', 'warn "a.rb:1: warning: CANARY"; exit 1', 'exit 1']) {
    assert.equal((await ruby(program)).words, null, program);
  }
});

test('a log of exceptions that were rescued is no death', async () => {
  const { proof } = await ruby(`require 'logger'
begin
  raise KeyError, "CANARY"
rescue => e
  Logger.new($stderr).error(e)
  exit 1
end
`);
  assert.equal(proof, null);
});

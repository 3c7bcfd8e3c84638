import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readText } from '../../../../test/support/last-words/read-text.ts';

const CART = `module Shop
  class Cart
    def total = items.sum { |item| item.price }
    def self.checkout
      carts.each do |cart|
        cart.total
      end
    end
  end
end
Shop::Cart.checkout
`;

test('Ruby 3.4 names classes and quotes on both sides', () => {
  const text = `cart.rb:3:in 'block in Shop::Cart#total': undefined method 'price' for nil (NoMethodError)

    def total = items.sum { |item| item.price }
                                       ^^^^^^
	from cart.rb:3:in 'Array#sum'
	from cart.rb:3:in 'Shop::Cart#total'
	from cart.rb:6:in 'block in Shop::Cart.checkout'
	from <internal:array>:42:in 'Array#each'
	from cart.rb:5:in 'Shop::Cart.checkout'
	from cart.rb:11:in '<main>'
`;
  const { type, calls } = readText('ruby', text, { 'cart.rb': CART });
  assert.equal(type, 'NoMethodError');
  assert.deepEqual(calls, [
    'block in Shop::Cart#total cart.rb:3',
    'Array#sum cart.rb:3',
    'Shop::Cart#total cart.rb:3',
    'block in Shop::Cart.checkout cart.rb:6',
    '? Array#each <internal:array>:42',
    'Shop::Cart.checkout cart.rb:5',
    '<main> cart.rb:11',
  ]);
});

describe('without sources', () => {
  const stack = `	from /srv/shop/cart.rb:6:in \`block in checkout'\n	from /srv/shop/cart.rb:11:in \`<main>'\n`;

  test('calls are kept, and nothing vouches for them', () => {
    const { type, calls, causes } = readText(
      'ruby',
      `/srv/shop/cart.rb:3:in \`total': no price (KeyError)\n${stack}/srv/shop/cart.rb:2:in \`low': x (Shop::Error)\n${stack}`,
    );
    assert.equal(type, 'KeyError');
    assert.deepEqual(calls, [
      '? total /srv/shop/cart.rb:3',
      '? block in checkout /srv/shop/cart.rb:6',
      '? <main> /srv/shop/cart.rb:11',
    ]);
    assert.deepEqual(
      causes.map(([cause]) => cause),
      ['Shop::Error'],
    );
  });

  test('calls below a message of several lines can be a part of it', () => {
    const { type, calls } = readText(
      'ruby',
      `/srv/shop/cart.rb:3:in \`total': no price (KeyError)\nsecond\n	from /x.rb:1:in \`secret'\n${stack}`,
    );
    assert.deepEqual([type, calls], ['KeyError', ['? total /srv/shop/cart.rb:3']]);
  });
});

test('a type that does not fit into the line is found at its end', () => {
  const { type } = readText('ruby', `cart.rb:11:in '<main>': ${'x'.repeat(5_000)} (JSON::ParserError)\n`);
  assert.equal(type, 'JSON::ParserError');
});

test('an anonymous class has no name, and a message is not one', () => {
  assert.equal(readText('ruby', "cart.rb:11:in '<main>': no (price) left\n").type, null);
});

test('a syntax error of Ruby 3.4', () => {
  const text = `cart.rb:2: syntax errors found (SyntaxError)
  1 | module Shop
> 2 |   secret = = 1
    |            ^ unexpected '='; target expected
  3 | end
`;
  const { type, calls } = readText('ruby', text, { 'cart.rb': CART });
  assert.deepEqual([type, calls], ['SyntaxError', ['- cart.rb:2']]);
});

test('a syntax error of Ruby 3.2 in a required file', () => {
  const text = `cart.rb:11:in \`require_relative': --> /srv/shop/broken.rb
> 1  x = = 1
/srv/shop/broken.rb:1: syntax error, unexpected '=' (SyntaxError)
x = = 1
    ^
	from cart.rb:11:in \`<main>'
`;
  assert.equal(
    readText('ruby', text, { 'cart.rb': `${CART.slice(0, -1)}require_relative` }).type,
    'SyntaxError',
  );
});

test('an excerpt that is not in the file is no syntax error', () => {
  const text = 'cart.rb:2: syntax error, unexpected secret\n  secret = = 1\n           ^\n';
  assert.equal(readText('ruby', text, { 'cart.rb': CART }).words, null);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RUNTIMES, type Runtime } from '../model/runtime.ts';
import { publicLibrary, publicRuntimeFunction, publicRuntimeType } from './runtime-names.ts';

const FUNCTIONS: Partial<Record<Runtime, readonly string[]>> = {
  python: ['total', '<module>', '<lambda>', 'Cart.total', 'outer.<locals>.inner'],
  ruby: [
    'total',
    '<main>',
    '<top (required)>',
    '<class:Shop::Cart>',
    'block in total',
    'block (2 levels) in <main>',
    'rescue in block in Shop::Cart#total',
    'Integer#/',
    'empty?',
    '[]=',
    'Shop.total!',
  ],
  php: [
    'Shop\\Cart->total',
    'Shop\\Cart::make',
    '{main}',
    'Shop\\{closure}',
    '{closure:Shop\\Cart::total():12}',
    'class@anonymous->run',
    'require_once',
  ],
  perl: ['Shop::Cart::pay', 'main::__ANON__', '(eval)'],
  java: [
    'com.shop.Cart.total',
    'com.shop.Cart$Item.<init>',
    'com.shop.Main.lambda$run$0',
    'com.shop.Main$$Lambda/0x0000000800000a00.run',
    'shop.CartKt.total-impl',
    'shop.cart$total_BANG_.invokeStatic',
  ],
  go: [
    'main.main',
    'main.(*Cart).Total',
    'main.Cart.Total.func1',
    'github.com/acme/shop/cart.(*Cart[...]).Total.func1.2',
    'gopkg.in/yaml%2ev3.Unmarshal',
    'main.init.0',
    'panic',
    'main.(*Cart).Total-fm',
  ],
  rust: [
    'shop::cart::total',
    '<shop::Cart as core::fmt::Display>::fmt',
    'core::ops::function::FnOnce::call_once',
  ],
  dotnet: [
    'Shop.Cart.Total',
    'Shop.Cart..ctor',
    'Shop.Cart.<Total>d__5.MoveNext',
    'Shop.Cart.<>c.<Total>b__1_0',
    'System.Collections.Generic.List`1[T].Add',
    'Program.<Main>$',
    'Shop.Outer+Inner.Run',
  ],
  erlang: [
    'Shop.Cart.total/2',
    ':erlang.binary_to_integer/1',
    'anonymous fn/1 in Shop.Cart.total/2',
    'Enum."-map/2-lists^map/1-0-"/2',
    'cart:total/2',
    'Shop.Cart.valid?/1',
  ],
  native: ['shop::Cart::sum'],
};

const TYPES: Partial<Record<Runtime, readonly string[]>> = {
  python: ['ValueError', 'shop.cart.CartError'],
  ruby: ['Shop::CartError', 'JSON::ParserError'],
  php: ['Shop\\CartError', 'RuntimeException@anonymous', 'memory limit exceeded'],
  perl: ['Shop::Error'],
  java: ['com.shop.Main$CartError'],
  go: ['*errors.errorString', 'main.Code', '*github.com/acme/shop.Error', 'string'],
  dotnet: ['Shop.CartException', 'Shop.Outer+Inner', 'Shop.Failure`1'],
  erlang: ['Shop.CartError', 'badarg'],
  native: ['std::out_of_range', 'int'],
};

describe('names as each language writes them', () => {
  for (const runtime of RUNTIMES) {
    test(runtime, () => {
      for (const name of FUNCTIONS[runtime] ?? []) assert.equal(publicRuntimeFunction(name, runtime), name);
      for (const name of TYPES[runtime] ?? []) assert.equal(publicRuntimeType(name, runtime), name);
    });
  }
});

test('arguments and sentences are no names', () => {
  const lists = ["f('4111')", 'f("4111")', 'f(0x4111, 0x2)', 'total(4111)', 'Cart#total(4111)', 'f (4111)'];
  const texts = ['no such user ada@example.com', 'KeyError: 4111', 'a\nb', '4111 1111', ''];
  for (const runtime of RUNTIMES) {
    for (const text of [...lists, ...texts])
      assert.equal(publicRuntimeType(text, runtime), null, `${runtime} ${text}`);
    if (runtime === 'rust' || runtime === 'native') continue;
    for (const text of [...lists, ...texts])
      assert.equal(publicRuntimeFunction(text, runtime), null, `${runtime} ${text}`);
  }
});

test('packages have parts', () => {
  assert.equal(publicLibrary('github.com/lib/pq', 'go'), 'github.com/lib/pq');
  assert.equal(publicLibrary('guzzlehttp/guzzle', 'php'), 'guzzlehttp/guzzle');
  assert.equal(publicLibrary('a b', 'php'), null);
  assert.equal(publicLibrary('a/b', 'node'), null);
});

test('long names take no time', () => {
  for (const runtime of RUNTIMES) {
    for (const part of ['a', 'a.', 'a::', 'a\\', 'a/', 'block in ', '<a>', '(*a).', '-', '`1']) {
      for (const length of [3, 20, 100_000]) {
        publicRuntimeFunction(`${part.repeat(length)}!`, runtime);
        publicRuntimeType(`${part.repeat(length)}!`, runtime);
      }
    }
  }
});

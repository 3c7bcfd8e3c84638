import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readText } from '../../../../test/support/last-words/read-text.ts';

const CART = `defmodule Shop.Cart do
  def pay(card), do: check(card)
  defp check(card) when is_binary(card), do: raise Shop.CartError
end
`;
const SOURCES = { 'lib/shop/cart.ex': CART, 'deps/ecto/lib/ecto/repo.ex': 'def all(x), do: x\n' };

test('calls of the app, of a dependency and of Elixir', () => {
  const text = `** (Shop.CartError) secret
    (shop 1.0.0) lib/shop/cart.ex:3: Shop.Cart.check/1
    (ecto 3.11.2) lib/ecto/repo.ex:1: Ecto.Repo.all/1
    (elixir 1.17.2) lib/enum.ex:1700: Enum."-map/2-lists^map/1-1-"/2
    (shop 1.0.0) lib/shop/cart.ex:2: anonymous fn/1 in Shop.Cart.pay/1
`;
  const { type, calls } = readText('erlang', text, SOURCES);
  assert.equal(type, 'Shop.CartError');
  assert.deepEqual(calls, [
    'Shop.Cart.check/1 lib/shop/cart.ex:3',
    'Ecto.Repo.all/1 deps/ecto/lib/ecto/repo.ex:1',
    '? Enum."-map/2-lists^map/1-1-"/2 elixir-1.17.2/lib/enum.ex:1700',
    'anonymous fn/1 in Shop.Cart.pay/1 lib/shop/cart.ex:2',
  ]);
});

test('arguments are left behind', () => {
  const text = `** (ArgumentError) errors were found at the given arguments:

  * 1st argument: not a textual representation of an integer

    :erlang.binary_to_integer("4111(secret)/2")
    (shop 1.0.0) lib/shop/cart.ex:2: Shop.Cart.pay("4111")
`;
  assert.deepEqual(readText('erlang', text, SOURCES).calls, [
    '? :erlang.binary_to_integer -:-',
    'Shop.Cart.pay lib/shop/cart.ex:2',
  ]);
});

describe('nested reports', () => {
  const exception = (indent: string) =>
    `${indent}** (Shop.CartError) secret\n${indent}    (shop 1.0.0) lib/shop/cart.ex:3: Shop.Cart.check/1\n`;

  test('of a linked process', () => {
    const text = `** (EXIT from #PID<0.96.0>) an exception was raised:\n${exception('    ')}`;
    const { type, calls } = readText('erlang', text, SOURCES);
    assert.deepEqual([type, calls], ['Shop.CartError', ['Shop.Cart.check/1 lib/shop/cart.ex:3']]);
  });

  test('of an application that does not start', () => {
    const text = `** (Mix) Could not start application shop: exited in: Shop.Application.start(:normal, [])
    ** (EXIT) an exception was raised:
${exception('        ')}`;
    assert.equal(readText('erlang', text, SOURCES).type, 'Shop.CartError');
  });
});

test('a message that imitates an exception', () => {
  const text = `** (Shop.CartError) first
** (Secret.Error) second
    (shop 1.0.0) lib/shop/secret.ex:3: Shop.Secret.of/1
    (shop 1.0.0) lib/shop/cart.ex:1: Shop.Cart.secret/1
    (shop 1.0.0) lib/shop/cart.ex:3: Shop.Cart.check/1
`;
  const { type, calls } = readText('erlang', text, SOURCES);
  assert.deepEqual([type, calls], ['Shop.CartError', ['Shop.Cart.check/1 lib/shop/cart.ex:3']]);
});

describe('the emulator ends', () => {
  const DUMP = '\nCrash dump is being written to: /srv/shop/erl_crash.dump...done\n';

  test('while it starts: the reason and calls without lines', () => {
    const text = `Runtime terminating during boot ({undef,[{shop,start,["secret"],[]},{init,start_em,1,[]},{init,do_boot,3,[]}]})\n${DUMP}`;
    const { words, type, calls } = readText('erlang', text);
    assert.deepEqual([words?.form, type], ['boot', 'undef']);
    assert.deepEqual(calls, ['? shop:start -:-', '? init:start_em/1 -:-', '? init:do_boot/3 -:-']);
  });

  test('out of memory', () => {
    const text = `eheap_alloc: Cannot allocate 762886488 bytes of memory (of type "heap").\n${DUMP}`;
    assert.equal(readText('erlang', text).words?.form, 'out-of-memory');
  });

  test('because an application did not start', () => {
    const text = `Kernel pid terminated (application_controller) ("{application_start_failure,shop,{bad_return,secret}}")\n${DUMP}`;
    assert.equal(readText('erlang', text).type, 'application_start_failure');
  });
});

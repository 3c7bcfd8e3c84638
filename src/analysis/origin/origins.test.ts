import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RUNTIMES } from '../../model/runtime.ts';
import { originOf } from './origins.ts';

/** runtime, function, file, module; null for the app's own code. */
const CALLS: readonly [(typeof RUNTIMES)[number], string | null, string | null, string | null][] = [
  ['python', 'total', '/srv/shop/cart.py', null],
  ['python', 'dispatch', '/srv/shop/venv/lib/python3.11/site-packages/flask/app.py', 'flask'],
  ['python', 'six', '/usr/lib/python3/dist-packages/six.py', 'six'],
  ['python', 'decode', '/usr/lib/python3.11/json/decoder.py', 'python'],
  ['python', '_call', '<frozen importlib._bootstrap>', 'python'],
  ['python', '<module>', '/usr/bin/gunicorn', 'gunicorn'],
  ['ruby', 'total', '/srv/shop/cart.rb', null],
  ['ruby', 'call', '/var/lib/gems/3.1.0/gems/rack-2.2.4/lib/rack/builder.rb', 'rack'],
  ['ruby', 'f', '/srv/shop/vendor/bundle/ruby/3.3.0/bundler/gems/acme-0123456789ab/lib/acme.rb', 'acme'],
  ['ruby', '<main>', '/usr/bin/puma', 'puma'],
  ['ruby', 'parse', '/usr/lib/ruby/3.1.0/json/common.rb', 'ruby'],
  ['ruby', 'each', '<internal:array>', 'ruby'],
  ['php', 'Shop\\Cart->total', '/srv/shop/src/Cart.php', null],
  ['php', 'f', '/srv/shop/vendor/guzzlehttp/guzzle/src/Client.php', 'guzzlehttp/guzzle'],
  ['php', 'array_map', null, 'php'],
  ['php', '{main}', null, null],
  ['perl', 'Shop::pay', '/srv/shop/lib/Shop.pm', null],
  ['perl', 'Plack::Util::load', '/usr/share/perl5/Plack/Util.pm', 'Plack-Util'],
  ['perl', 'List::Util::f', '/usr/lib/x86_64-linux-gnu/perl5/5.36/List/Util.pm', 'perl'],
  ['perl', 'main::run', '/usr/bin/plackup', 'plackup'],
  ['perl', 'Carp::croak', '/usr/share/perl/5.36/Carp.pm', 'perl'],
  ['java', 'com.shop.Cart.total', 'Cart.java', null],
  ['java', 'JavaCalls::call_helper', 'libjvm.so', 'libjvm.so'],
  ['java', 'java.util.ArrayList.forEach', 'ArrayList.java', 'java'],
  ['java', 'org.springframework.web.X.f', 'X.java', 'org.springframework'],
  ['java', 'org.apache.catalina.core.X.f', 'X.java', 'org.apache.catalina'],
  ['go', 'main.(*Cart).Total', '/build/shop/cart.go', null],
  ['go', 'github.com/acme/shop/cart.Total', '/build/shop/cart/cart.go', null],
  ['go', 'cart.Total', '/build/shop/cart/cart.go', null],
  ['go', 'github.com/lib/pq.Open', '/root/go/pkg/mod/github.com/lib/pq@v1.10.0/conn.go', 'github.com/lib/pq'],
  ['go', 'net/http.(*conn).serve', '/usr/lib/go-1.19/src/net/http/server.go', 'go'],
  ['go', 'runtime.gopanic', 'runtime/panic.go', 'go'],
  ['go', 'panic', '/usr/local/go/src/runtime/panic.go', 'go'],
  ['rust', 'shop::cart::total', 'src/cart.rs', null],
  [
    'rust',
    'core::panicking::panic',
    '/rustc/0000000000000000000000000000000000000000/library/core/src/p.rs',
    'std',
  ],
  [
    'rust',
    'serde_json::f',
    '/home/ada/.cargo/registry/src/index.crates.io-6f17/serde_json-1.0.1/src/de.rs',
    'serde_json',
  ],
  ['rust', '<shop::Cart as core::fmt::Display>::fmt', 'src/cart.rs', null],
  ['rust', '<alloc::vec::Vec<T> as core::ops::drop::Drop>::drop', null, 'std'],
  ['rust', '__libc_start_main_impl', './csu/libc-start.c', 'std'],
  [
    'rust',
    'tokio::f',
    '/usr/local/cargo/git/checkouts/tokio-377c595163f99a10/d63b5f1/tokio/src/lib.rs',
    'tokio',
  ],
  ['rust', 'tokio::f', 'vendor/tokio/src/lib.rs', 'tokio'],
  ['native', 'shop::Cart::total()', '/srv/shop/cart.cc', null],
  ['native', '__interceptor_free', '../../../../src/libsanitizer/asan/asan_malloc_linux.cpp', 'sanitizer'],
  ['native', '__libc_start_call_main', 'csu/../sysdeps/nptl/libc_start_call_main.h', 'libc'],
  ['native', '_start', null, 'libc'],
  ['native', 'std::vector<int>::at(unsigned long)', '/usr/include/c++/12/bits/stl_vector.h', 'libstdc++'],
  ['dotnet', 'Shop.Cart.Total', null, null],
  ['dotnet', 'System.Int32.Parse', null, 'system'],
  ['dotnet', 'Microsoft.AspNetCore.X.f', null, 'Microsoft.AspNetCore'],
  ['erlang', 'Shop.Cart.total/2', 'lib/shop/cart.ex', null],
  ['erlang', 'Enum.map/2', 'elixir-1.17.2/lib/enum.ex', 'erlang'],
  ['erlang', 'Ecto.Repo.all/1', '/srv/shop/deps/ecto/lib/ecto/repo.ex', 'ecto'],
  ['erlang', 'Plug.Cowboy.f/1', 'plug_cowboy-2.7.0/lib/plug/cowboy.ex', 'plug_cowboy'],
  ['erlang', 'Shop.Cart.total/2', 'shop-1.0.0/lib/shop/cart.ex', null],
  ['erlang', ':erlang.binary_to_integer/1', null, 'erlang'],
  ['deno', 'total', 'file:///srv/shop/cart.ts', null],
  ['deno', 'op', 'ext:core/01_core.js', 'deno'],
  ['deno', 'join', 'https://jsr.io/@std/path/1.0.0/join.ts', '@std/path'],
  ['bun', 'total', '/srv/shop/cart.ts', null],
  ['bun', 'f', '/srv/shop/node_modules/express/lib/router.js', 'express'],
];

for (const [runtime, name, file, module] of CALLS) {
  test(`${runtime}: ${name} in ${file} is ${module ?? "the app's"}`, () => {
    const found = originOf(runtime, { function: name, file }, { appRoot: '/srv/shop' });
    assert.deepEqual(found, { module, inApp: module === null });
  });
}

test('long names take no time', () => {
  for (const runtime of RUNTIMES) {
    for (const part of ['/', 'a/', '/vendor/', 'a.', '::', '<', '/gems/a-', '/pkg/mod/', 'C:\\']) {
      const text = part.repeat(20_000);
      originOf(runtime, { function: text, file: text }, { appRoot: '/srv/shop' });
    }
  }
});

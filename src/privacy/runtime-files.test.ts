import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RUNTIMES, type Runtime } from '../model/runtime.ts';
import { publicRuntimeFile } from './runtime-files.ts';

const place = { appRoot: '/srv/shop', workspaceRoot: null, isVouched: true };
const HASH = '0'.repeat(40);

const FILES: readonly [Runtime, string, string | null][] = [
  ['python', '/srv/shop/cart.py', 'cart.py'],
  ['python', '/srv/shop/venv/lib/python3.11/site-packages/flask/app.py', 'site-packages/flask/app.py'],
  ['python', '/usr/lib/python3.11/json/decoder.py', 'python3.11/json/decoder.py'],
  ['python', '<frozen importlib._bootstrap>', '<frozen importlib._bootstrap>'],
  ['python', '<string>', '<string>'],
  ['python', '<frozen ada>', '…'],
  ['python', '/home/ada/cart.py', '…/cart.py'],
  ['ruby', '/srv/shop/app/cart.rb', 'app/cart.rb'],
  ['ruby', '/var/lib/gems/3.1.0/gems/rack-2.2.4/lib/rack.rb', 'gems/rack-2.2.4/lib/rack.rb'],
  ['ruby', '/usr/lib/ruby/3.1.0/json/common.rb', 'ruby/3.1.0/json/common.rb'],
  ['ruby', '<internal:array>', '<internal:array>'],
  ['ruby', '<internal:ada>', '…'],
  [
    'ruby',
    '<internal:/home/ada/.rubies/3.2.0/lib/ruby/3.2.0/rubygems/core_ext/kernel_require.rb>',
    'rubygems/core_ext/kernel_require.rb',
  ],
  ['php', '/srv/shop/vendor/guzzlehttp/guzzle/src/Client.php', 'vendor/guzzlehttp/guzzle/src/Client.php'],
  ['perl', '/usr/share/perl/5.36/Carp.pm', 'perl/5.36/Carp.pm'],
  ['perl', '/srv/shop/bin/app.pl', 'bin/app.pl'],
  ['java', 'Cart.java', 'Cart.java'],
  ['java', 'libjvm.so', 'libjvm.so'],
  ['java', 'libc.so.6', 'libc.so.6'],
  ['go', '/root/go/pkg/mod/github.com/lib/pq@v1.10.0/conn.go', 'github.com/lib/pq@v1.10.0/conn.go'],
  ['go', '/usr/lib/go-1.19/src/net/http/server.go', 'src/net/http/server.go'],
  ['go', 'github.com/acme/shop/cart.go', 'github.com/acme/shop/cart.go'],
  ['go', '/Users/ada/shop/cart.go', '…/cart.go'],
  ['rust', 'src/cart.rs', 'src/cart.rs'],
  ['rust', `/rustc/${HASH}/library/core/src/panicking.rs`, 'library/core/src/panicking.rs'],
  [
    'rust',
    '/home/ada/.cargo/registry/src/index.crates.io-6f17/serde-1.0.1/src/de.rs',
    'serde-1.0.1/src/de.rs',
  ],
  ['dotnet', 'C:\\Users\\ada\\shop\\Cart.cs', '…/Cart.cs'],
  ['erlang', 'lib/shop/cart.ex', 'lib/shop/cart.ex'],
  ['deno', 'file:///srv/shop/cart.ts', 'cart.ts'],
  ['deno', 'ext:core/01_core.js', 'ext:core/01_core.js'],
  ['native', '/home/ada/shop/cart', '…'],
];

for (const [runtime, file, expected] of FILES) {
  test(`${runtime}: ${file} is ${expected}`, () => {
    assert.equal(publicRuntimeFile(file, { ...place, runtime }), expected);
  });
}

test('of a name that nothing vouches for, only the last part is public', () => {
  for (const file of ['/srv/shop/ada/cart.py', 'lib/ada/cart.py', '/x/site-packages/ada/cart.py']) {
    assert.equal(publicRuntimeFile(file, { ...place, runtime: 'python', isVouched: false }), '…/cart.py');
  }
});

test('users are never named', () => {
  for (const runtime of RUNTIMES) {
    for (const root of [
      '/home/',
      '/Users/',
      '/x/vendor/home/',
      'C:\\Users\\',
      '/a/site-packages/x/home/',
      '/a/gems/x/Users/',
    ]) {
      const file = publicRuntimeFile(`${root}4111CANARY/a.py`, { ...place, runtime });
      assert.ok(file === null || !file.includes('CANARY'), `${runtime} ${file}`);
    }
  }
});

test('long names take no time', () => {
  for (const runtime of RUNTIMES) {
    for (const part of [
      '/',
      '/vendor',
      '/a',
      '/pkg/mod/a',
      '/gems/',
      '/go/src/',
      'a/',
      '.cargo/registry/src/',
    ]) {
      publicRuntimeFile(part.repeat(4096 / part.length), { ...place, runtime });
      publicRuntimeFile(part.repeat(50_000), { ...place, runtime });
    }
  }
});

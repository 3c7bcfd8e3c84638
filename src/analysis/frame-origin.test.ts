import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameOrigin } from './frame-origin.ts';

const app = { module: null, inApp: true };
const other = (module: string | null) => ({ module, inApp: false });
const cases: [string | null, ReturnType<typeof other>][] = [
  ['/srv/shop/src/a.js', app],
  ['/srv/workspace/lib/a.js', app],
  ['[eval]', app],
  ['/srv/shop/node_modules/express/lib/router.js', other('express')],
  ['/srv/shop/node_modules/@scope/name/i.js', other('@scope/name')],
  ['/srv/shop/node_modules/a/node_modules/b/i.js', other('b')],
  ['/srv/shop/node_modules/.pnpm/express@4.18.2/node_modules/express/lib/router.js', other('express')],
  ['/srv/shop/node_modules/.pnpm/@s+n@1.0.0_peer@2.0.0/index.js', other('@s/n')],
  ['/srv/shop/.yarn/cache/lodash-npm-4.17.21-63.zip/node_modules/lodash/lodash.js', other('lodash')],
  ['node_modules/bundled/i.js', other('bundled')],
  ['node:internal/timers', other('node')],
  ['native', other('node')],
  ['eval at f (/srv/shop/node_modules/ejs/lib/ejs.js:1:2)', other('ejs')],
  ['eval at f (/srv/shop/view.js:1:2)', app],
  ['eval at f (eval at g (/srv/shop/view.js:1:2))', app],
  ['eval at eval at eval at', other(null)],
  ['wasm://wasm/1234', other('wasm')],
  [null, other(null)],
];

for (const [file, expected] of cases) {
  test(`${file} → ${expected.inApp ? 'the app' : expected.module}`, () => {
    assert.deepEqual(frameOrigin(file, '/srv/shop'), expected);
  });
}

test('an app that is installed below node_modules is the app', () => {
  const root = '/usr/lib/node_modules/shop';
  assert.deepEqual(frameOrigin(`${root}/bin.js`, root), app);
  assert.deepEqual(frameOrigin(`${root}/node_modules/dep/i.js`, root), other('dep'));
});

test('hostile names end', () => {
  for (const part of ['eval at (', ' (', '/node_modules', ')']) {
    frameOrigin(`eval at ${part.repeat(100_000)}`, '/srv/shop');
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourcePath } from './source-path.ts';

const cases = [
  ['file:///srv/shop/src/a%20b.ts', '/srv/shop/src/a b.ts'],
  ['webpack:///./src/a.ts', '/srv/shop/src/a.ts'],
  ['webpack://shop/./src/a.ts?1f2e', '/srv/shop/src/a.ts'],
  ['webpack://shop/../../../etc/a.ts', '/srv/shop/etc/a.ts'],
  ['webpack://shop/./node_modules/dep/b.js', '/srv/shop/node_modules/dep/b.js'],
  ['webpack:///srv/shop/src/a.ts', '/srv/shop/src/a.ts'],
  ['webpack-internal:///(rsc)/./src/a.ts', '/srv/shop/src/a.ts'],
  ['turbopack:///[project]/src/a.ts', '/srv/shop/src/a.ts'],
  ['webpack://shop/webpack/bootstrap', 'webpack:webpack/bootstrap'],
  ['webpack://shop/external commonjs "fs"', 'webpack:external commonjs "fs"'],
  ['https://example.com/a.ts', 'https://example.com/a.ts'],
] as const;

for (const [url, expected] of cases) {
  test(`${url} → ${expected}`, () => {
    assert.equal(sourcePath(url, '/srv/shop/dist/main.js', '/srv/shop'), expected);
  });
}

test("a dependency's sources never pass for the app's own", () => {
  const generated = '/srv/shop/node_modules/@scope/dep/dist/index.js';
  const from = (url: string) => sourcePath(url, generated, '/srv/shop');
  assert.equal(from('webpack://dep/./src/a.ts'), '/srv/shop/node_modules/@scope/dep/src/a.ts');
  assert.equal(
    from('file:///srv/shop/node_modules/@scope/dep/src/a.ts'),
    '/srv/shop/node_modules/@scope/dep/src/a.ts',
  );
  assert.equal(from('file:///srv/shop/packages/dep/src/a.ts'), '/srv/shop/node_modules/@scope/dep/a.ts');
  assert.equal(from('file:///srv/shop/node_modules/other/a.ts'), '/srv/shop/node_modules/other/a.ts');
});

test('an app installed below node_modules is the app', () => {
  const root = '/usr/lib/node_modules/shop';
  assert.equal(sourcePath('webpack://shop/./src/a.ts', `${root}/dist/main.js`, root), `${root}/src/a.ts`);
  assert.equal(sourcePath(`file://${root}/src/a.ts`, `${root}/dist/main.js`, root), `${root}/src/a.ts`);
});

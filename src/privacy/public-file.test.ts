import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publicFile } from './public-file.ts';

const root = '/home/alice/shop';
const cases: [string | null, string | null][] = [
  [null, null],
  ['/home/alice/shop/src/a.js', 'src/a.js'],
  ['/home/alice/shop/src/./b/../a.js', 'src/a.js'],
  ['/home/alice/shop/app/[id]/(group)/page.tsx', 'app/[id]/(group)/page.tsx'],
  ['/home/alice/shop/a.mjs?token=1', 'a.mjs'],
  ['/home/alice/shop/node_modules/express/lib/router.js', 'node_modules/express/lib/router.js'],
  ['/home/alice/.pnpm/a@1/node_modules/@s/b/i.js', 'node_modules/@s/b/i.js'],
  ['/home/alice/shopping/a.js', '…/a.js'],
  ['/home/alice', '…'],
  ['/home/alice/shop/../diary', '…'],
  ['/home/alice/shop', '…'],
  ['src/a.ts', '…/a.ts'],
  ['alice smith', '…'],
  ['../../alice/a.ts', '…/a.ts'],
  ['node:internal/timers', 'node:internal/timers'],
  ['node:x y', null],
  ['native', 'native'],
  ['[eval]', '[eval]'],
  ['eval at alice (/home/alice/a.js:1:1)', 'eval'],
  ['https://alice:pw@host/p/c.mjs?token=1', 'https:…/c.mjs'],
  ['https://host/alice', 'https:'],
  ['data:text/javascript,alice', 'data:'],
  ['blob:alice', 'blob:'],
  ['alice:secret', null],
  ['webpack:webpack/runtime/alice', 'webpack:'],
  ['/home/alice/shop/{"a":1}.js', '…'],
];

for (const [file, expected] of cases) {
  test(`${file} → ${expected}`, () => {
    assert.equal(publicFile(file, root), expected);
  });
}

test('a root that is no app of its own hides nothing by being cut off', () => {
  for (const shared of ['', '/', '/home', '/home/']) {
    assert.equal(publicFile('/home/alice/a.js', shared), '…/a.js');
  }
});

test('an app that is itself installed below node_modules has files of its own', () => {
  const installed = '/usr/lib/node_modules/shop';
  assert.equal(publicFile(`${installed}/src/a.js`, installed), 'src/a.js');
  assert.equal(publicFile(`${installed}/node_modules/b/i.js`, installed), 'node_modules/b/i.js');
  assert.equal(publicFile('/usr/lib/node_modules/b/i.js', installed), 'node_modules/b/i.js');
  assert.equal(publicFile('node_modules/b/i.js', installed), 'node_modules/b/i.js');
});

test('files of the same workspace are named from its root on, the app’s own from the app’s', () => {
  const workspace = '/home/alice/shop';
  const api = `${workspace}/packages/api`;
  const named = (file: string, from = workspace) => publicFile(file, api, from);
  assert.equal(named(`${api}/src/a.js`), 'src/a.js');
  assert.equal(named(`${workspace}/packages/cart/src/a.js`), 'packages/cart/src/a.js');
  assert.equal(named(`${workspace}/node_modules/.pnpm/b@1.0.0/node_modules/b/i.js`), 'node_modules/b/i.js');
  assert.equal(named('/home/alice/diary.js'), '…/diary.js');
  assert.equal(named('/home/alice/shop-of-bob/a.js'), '…/a.js');
  assert.equal(named('/home/alice/a.js', '/home'), '…/a.js');
});

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { appRootOf } from './app-root.ts';

test('an app in another language has a root of its own below a package.json', async () => {
  await using folder = await temporaryDirectory('roots');
  const root = folder.path;
  const [backend, deep] = [path.join(root, 'backend'), path.join(root, 'backend/src/web')];
  mkdirSync(deep, { recursive: true });
  assert.equal(appRootOf('python', deep, root), deep);
  writeFileSync(path.join(backend, 'pyproject.toml'), '');
  assert.equal(appRootOf('python', deep, root), backend);
  assert.equal(appRootOf('ruby', deep, root), deep);
  writeFileSync(path.join(root, 'Gemfile'), '');
  assert.equal(appRootOf('ruby', deep, root), root);
});

test('the root of JavaScript, and one that is not above, stays', async () => {
  await using folder = await temporaryDirectory('roots');
  assert.equal(appRootOf('node', path.join(folder.path, 'backend'), folder.path), folder.path);
  assert.equal(appRootOf('python', folder.path, folder.path), folder.path);
  assert.equal(appRootOf('python', '/srv/shop', '/srv/sh'), '/srv/sh');
});

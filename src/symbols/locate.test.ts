import assert from 'node:assert/strict';
import { closeSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { isOnDisk } from './is-on-disk.ts';
import { locateBelow, nowhere } from './locate.ts';
import { readSource } from './read-source.ts';
import { changedAtMs } from './script-files.ts';

test('paths and links stay below another root directory', async () => {
  await using directory = await temporaryDirectory('root');
  const root = path.join(directory.path, 'root');
  mkdirSync(path.join(root, 'srv/releases/5'), { recursive: true });
  writeFileSync(path.join(directory.path, 'secret'), 'outside');
  writeFileSync(path.join(root, 'srv/releases/5/app.js'), 'inside');
  writeFileSync(path.join(root, 'secret'), 'of the container');
  symlinkSync('/srv/releases/5', path.join(root, 'srv/current'));
  symlinkSync('releases/../../srv/releases/5', path.join(root, 'srv/relative'));
  symlinkSync('../../../../../../secret', path.join(root, 'srv/up'));
  symlinkSync(path.join(directory.path, 'secret'), path.join(root, 'srv/out'));
  symlinkSync('loop', path.join(root, 'srv/loop'));
  symlinkSync('/proc/self/root/etc/passwd', path.join(root, 'srv/magic'));
  const fd = openSync(root, 'r');
  try {
    const locate = locateBelow(fd);
    const text = (name: string) => readSource(locate(name));
    assert.equal(text('/srv/current/app.js'), 'inside');
    assert.equal(text('/srv/relative/app.js'), 'inside');
    assert.equal(text('/srv/./current//app.js'), 'inside');
    assert.equal(text('/srv/up'), 'of the container');
    assert.equal(text('/../../secret'), 'of the container');
    for (const name of ['/srv/out', '/srv/loop', '/srv/magic', '/srv/none', '/etc/passwd', '/', '/a\0b']) {
      assert.equal(text(name), null, name);
    }
    assert.equal(isOnDisk('/srv/current/app.js', locate), true);
    assert.equal(isOnDisk('/srv/current/app.js/inner', locate), true);
    assert.equal(isOnDisk('/etc/passwd', locate), false);
    assert.notEqual(changedAtMs(locate('/secret')), null);
    assert.equal(readSource(nowhere('/etc/passwd')), null);
    // The same descriptor serves a path again.
    assert.equal(locate('/secret'), locate('/secret'));
    assert.equal(readFileSync(locate('/secret'), 'utf8'), 'of the container');
  } finally {
    closeSync(fd);
  }
});

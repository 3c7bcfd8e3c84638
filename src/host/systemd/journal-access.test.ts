import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { journalAccess } from './journal-access.ts';

const UID = 54_321;
const ID = '0123456789abcdef0123456789abcdef';

/** Permissions do not apply to root. */
function accessOf(uid: number, root: string): string {
  const code = `import { journalAccess } from ${JSON.stringify(path.join(import.meta.dirname, 'journal-access.ts'))};
process.setgroups?.([]); process.setgid?.(${uid}); process.setuid?.(${uid});
console.log(journalAccess(${uid}, ${JSON.stringify(root)}));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
  });
  return stdout.trim() || stderr;
}

test('what a user can read of the journal is what its files permit', async () => {
  await using root = await temporaryDirectory('journal');
  await chmod(root.path, 0o755);
  assert.equal(journalAccess(UID, root.path), 'all', 'without any journal');
  const directory = path.join(root.path, 'var/log/journal', ID);
  await mkdir(directory, { recursive: true });
  await mkdir(path.join(root.path, 'etc'));
  await writeFile(path.join(root.path, 'etc/machine-id'), `${ID}\n`);
  await writeFile(path.join(directory, 'system.journal'), '', { mode: 0o640 });
  assert.equal(accessOf(UID, root.path), 'none');
  assert.equal(journalAccess(0, root.path), 'all');
  await writeFile(path.join(directory, `user-${UID}.journal`), '');
  assert.equal(accessOf(UID, root.path), 'own');
  await chmod(path.join(directory, 'system.journal'), 0o644);
  assert.equal(accessOf(UID, root.path), 'all');
});

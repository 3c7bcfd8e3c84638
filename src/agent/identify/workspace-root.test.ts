import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { onHost } from '../../symbols/locate.ts';
import { workspaceRoot } from './workspace-root.ts';

const TRUSTED = { owners: [process.getuid?.() ?? 0], locate: onHost };

/** Which of the places below a root with these files are members of its workspace? */
async function members(files: Record<string, string>, places: readonly string[]): Promise<string[]> {
  await using root = await temporaryDirectory('workspace');
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(root.path, name), text);
  return places.filter((place) => {
    const found = workspaceRoot(path.join(root.path, place), TRUSTED);
    assert.ok(found === null || found === root.path);
    return found !== null;
  });
}

const PLACES = ['packages/api', 'packages/deep/api', 'apps/web', 'packages', 'other', 'packages/legacy'];

test('pnpm-workspace.yaml', async () => {
  const yaml = `# A workspace.
packages:
  - "packages/*"   # most
  - '!packages/legacy'

  - ./apps/web
catalog:
  - other
`;
  assert.deepEqual(await members({ 'pnpm-workspace.yaml': yaml }, PLACES), ['packages/api', 'apps/web']);
  assert.deepEqual(await members({ 'pnpm-workspace.yaml': 'packages:\n- "**"\n' }, PLACES), PLACES);
  assert.deepEqual(await members({ 'pnpm-workspace.yaml': 'onlyBuiltDependencies:\n- "*"\n' }, PLACES), []);
});

test('package.json and lerna.json', async () => {
  const list = ['packages/**', 'app?/*', 'apps/w*b'];
  const deep = ['packages/api', 'packages/deep/api', 'apps/web', 'packages', 'packages/legacy'];
  assert.deepEqual(await members({ 'package.json': JSON.stringify({ workspaces: list }) }, PLACES), deep);
  const nested = JSON.stringify({ workspaces: { packages: ['packages/*'] } });
  assert.deepEqual(await members({ 'package.json': nested }, PLACES), ['packages/api', 'packages/legacy']);
  const lerna = JSON.stringify({ packages: ['other/'] });
  assert.deepEqual(await members({ 'lerna.json': lerna }, PLACES), ['other']);
});

test('a directory above that names no members is no root', async () => {
  for (const text of [
    '{}',
    '',
    'null',
    '[]',
    '{"workspaces":1}',
    '{"workspaces":[1,null]}',
    '{"workspaces":[""]}',
  ]) {
    assert.deepEqual(await members({ 'package.json': text, 'pnpm-workspace.yaml': text }, PLACES), [], text);
  }
  const all = { 'package.json': JSON.stringify({ workspaces: ['**'] }) };
  assert.deepEqual(await members(all, ['node_modules/left-pad/sub']), []);
});

test('a file that any user can write names no root', async () => {
  await using root = await temporaryDirectory('workspace');
  const file = path.join(root.path, 'package.json');
  await mkdir(path.join(root.path, 'api'));
  await writeFile(file, JSON.stringify({ workspaces: ['*'] }));
  assert.equal(workspaceRoot(path.join(root.path, 'api'), TRUSTED), root.path);
  await chmod(file, 0o666);
  assert.equal(workspaceRoot(path.join(root.path, 'api'), TRUSTED), null);
});

test('a pattern of many stars is decided at once', async () => {
  const workspaces = [`${'**/a/'.repeat(4)}b`, `${'*a'.repeat(60)}b`, '**/**/**/**/**'];
  const place = `${'a/'.repeat(20)}${'a'.repeat(100)}`;
  await members({ 'package.json': JSON.stringify({ workspaces }) }, [place]);
});

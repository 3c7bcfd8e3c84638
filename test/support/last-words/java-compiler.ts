import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { temporaryDirectory } from '../temporary-directory.ts';

const SOURCES = path.join(import.meta.dirname, '../../fixtures/java');
/** Dies in the way that its first argument names. */
export const SHOP_SOURCE = path.join(SOURCES, 'com/shop/Shop.java');

/** A directory with the program as `classes/`, `shop.jar`, and `boot.jar`, which has the other one in it. */
export type CompiledShop = AsyncDisposable & { path: string; java: string };

/** Compiled by the runtime's own modules: its package has no `javac` and no `jar`. */
export async function compileShop(): Promise<CompiledShop> {
  const directory = await temporaryDirectory('java');
  const java = realpathSync(spawnSync('sh', ['-c', 'command -v java'], { encoding: 'utf8' }).stdout.trim());
  const tool = (...args: string[]) => {
    const { status, stderr } = spawnSync(java, ['-m', ...args], { encoding: 'utf8', cwd: directory.path });
    assert.equal(status, 0, stderr);
  };
  tool(
    'jdk.compiler/com.sun.tools.javac.Main',
    '-nowarn',
    '-XDignore.symbol.file',
    '-d',
    'classes',
    SHOP_SOURCE,
  );
  tool('jdk.jartool/sun.tools.jar.Main', '-cfe', 'shop.jar', 'com.shop.Shop', '-C', 'classes', 'com');
  const inner = path.join(directory.path, 'boot/BOOT-INF/lib');
  mkdirSync(inner, { recursive: true });
  copyFileSync(path.join(directory.path, 'shop.jar'), path.join(inner, 'shop.jar'));
  tool('jdk.jartool/sun.tools.jar.Main', '-c0Mf', 'boot.jar', '-C', 'boot', 'BOOT-INF');
  return {
    ...directory,
    path: directory.path,
    java,
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

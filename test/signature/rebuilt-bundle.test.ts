import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { type BuildOptions, build } from 'esbuild';
import { crashmon } from '../support/crashmon.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { type ShownReport, untilShown } from '../support/until-reported.ts';

type Source = { cause: 'coupon' | 'order'; release: number };

const LIBRARY = `exports.each = function each(list, visit) {
  for (const item of list) visit(item);
};
`;
/** Later releases have more in them, so that positions, hashes and short names differ. */
const source = ({ cause, release }: Source) => `
import { each } from 'listing';
${Array.from({ length: release * 20 }, (_, index) => `export const feature${index} = (a, b) => a + b * ${index} + release;`).join('\n')}
const release = ${release};
function applyCoupon(cart) { return cart.coupon.percent; }
function printOrder(order) { return order.address.street; }
function checkout(list) { each(list, (item) => ${cause === 'coupon' ? 'applyCoupon' : 'printOrder'}(item)); }
setTimeout(() => checkout([{ release }]), 1);
`;

const WAYS: Readonly<Record<string, BuildOptions>> = {
  'names kept': { minifyWhitespace: true },
  'minified with a source map': { minify: true, sourcemap: 'linked' },
};

describe('signatures of real bundles', { concurrency: 2 }, () => {
  for (const [name, options] of Object.entries(WAYS)) {
    test(`${name}: a rebuild keeps the group, another cause in the same library does not`, async () => {
      const first = await signatureOf({ cause: 'coupon', release: 1 }, options);
      const rebuilt = await signatureOf({ cause: 'coupon', release: 2 }, options);
      const other = await signatureOf({ cause: 'order', release: 2 }, options);
      assert.notEqual(rebuilt.bundle, first.bundle, 'the name of the bundle depends on its content');
      assert.deepEqual(rebuilt.signature, first.signature);
      assert.match(first.signature.title, /^TypeError in applyCoupon \(/);
      assert.notDeepEqual(other.signature.values, first.signature.values);
      assert.match(other.signature.title, /^TypeError in printOrder \(/);
    });
  }
});

async function signatureOf(
  what: Source,
  options: BuildOptions,
): Promise<Pick<ShownReport, 'signature'> & { bundle: string }> {
  await using folder = await temporaryDirectory('bundle');
  await using stateDir = await stateDirectory();
  const bundle = await bundled(folder.path, what, options);
  await crashmon(
    [
      'run',
      '--quiet',
      '--name',
      'shop',
      '--arm-after',
      '0',
      '--restart',
      'never',
      '--',
      process.execPath,
      bundle,
    ],
    { stateDir: stateDir.path, cwd: folder.path },
  );
  const { signature } = await untilShown(stateDir.path);
  return { signature, bundle };
}

async function bundled(folder: string, what: Source, options: BuildOptions): Promise<string> {
  const library = path.join(folder, 'node_modules', 'listing');
  await mkdir(library, { recursive: true });
  await writeFile(path.join(library, 'index.js'), LIBRARY);
  await writeFile(path.join(library, 'package.json'), '{"name":"listing","main":"index.js"}');
  await writeFile(path.join(folder, 'package.json'), '{"name":"shop"}');
  await writeFile(path.join(folder, 'server.mjs'), source(what));
  await build({
    entryPoints: [path.join(folder, 'server.mjs')],
    outdir: path.join(folder, 'dist'),
    entryNames: '[name]-[hash]',
    absWorkingDir: folder,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    ...options,
  });
  const [bundle] = (await readdir(path.join(folder, 'dist'))).filter((file) => file.endsWith('.js'));
  assert.ok(bundle !== undefined);
  return path.join('dist', bundle);
}

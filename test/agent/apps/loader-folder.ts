import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.ts';
import { APPS } from './run-app.ts';

/** A copy of the app in TypeScript, as CommonJS and as ES modules, with the settings of its loaders and bundlers. */
export async function loaderFolder(): Promise<TemporaryDirectory> {
  const folder = await temporaryDirectory('loaders');
  await symlink(path.join(APPS, 'node_modules'), path.join(folder.path, 'node_modules'));
  for (const type of ['commonjs', 'module']) {
    const app = path.join(folder.path, type);
    await cp(path.join(APPS, 'src/loaders'), app, { recursive: true });
    await writeFile(path.join(app, 'package.json'), JSON.stringify({ name: 'shop', type }));
    await writeFile(path.join(app, 'tsconfig.json'), JSON.stringify(tsconfig(type)));
  }
  const commonjs = path.join(folder.path, 'commonjs');
  await writeFile(path.join(commonjs, '.swcrc'), JSON.stringify(SWC));
  await writeFile(path.join(commonjs, 'babel.cjs'), BABEL);
  // The same app without a request for source maps.
  await mkdir(path.join(folder.path, 'mapless'));
  await cp(commonjs, path.join(folder.path, 'mapless'), { recursive: true });
  await writeFile(
    path.join(folder.path, 'mapless/tsconfig.json'),
    JSON.stringify(tsconfig('commonjs', { sourceMap: false })),
  );
  return folder;
}

function tsconfig(type: string, more: object = {}): object {
  const module = type === 'module' ? 'esnext' : 'commonjs';
  const moduleResolution = type === 'module' ? 'bundler' : 'node';
  const compilerOptions = { target: 'es2022', module, moduleResolution, types: [], sourceMap: true, ...more };
  return {
    compilerOptions,
    'ts-node': { transpileOnly: true, esm: type === 'module' },
    files: ['server.ts'],
  };
}

const SWC = {
  jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
};

const BABEL = `require('@babel/register')({
  extensions: ['.ts'],
  cache: false,
  presets: ['@babel/preset-typescript'],
  plugins: ['@babel/plugin-transform-modules-commonjs'],
});
require('./server.ts');
`;

// Usage: node examples/shop/build.ts
// Bundles the shop as for production: one minified file and its source map.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const here = import.meta.dirname;

/** The files of `dist/`: absolute path and text. */
export async function bundleShop(): Promise<{ path: string; text: string }[]> {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: ['src/server.ts'],
    outfile: 'dist/server.js',
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node18',
    sourcemap: true,
    sourcesContent: true,
    logLevel: 'warning',
    write: false,
  });
  return outputFiles;
}

if (import.meta.main) {
  await mkdir(path.join(here, 'dist'), { recursive: true });
  for (const file of await bundleShop()) await writeFile(file.path, file.text);
}

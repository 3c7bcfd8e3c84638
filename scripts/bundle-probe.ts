// Usage: node scripts/bundle-probe.ts
// Puts the probe into the one file that workers load. Measured: seventeen modules loaded before the app slow down its
// throw/catch at the top level of the main module by up to a half, one file by nothing.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const PROBE = path.join(import.meta.dirname, '../src/probe');

export const BUNDLED_PROBE = path.join(PROBE, 'bundled/probe.cjs');

/** Readable on purpose: people want to see what is loaded into their worker. */
export async function bundleProbe(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: PROBE,
    entryPoints: ['probe.cjs'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node12',
    logLevel: 'warning',
    banner: { js: '// Made of src/probe/ by `npm run build:probe`; change it there.' },
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

if (import.meta.main) {
  await mkdir(path.dirname(BUNDLED_PROBE), { recursive: true });
  await writeFile(BUNDLED_PROBE, await bundleProbe());
}

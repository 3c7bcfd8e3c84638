import { cp, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKOUT } from '../../test/support/crashmon.ts';
import { runToEnd } from '../processes/run-to-end.ts';

/**
 * Builds what the npm package runs into a directory of ours, with the build's own script: `dist/` of the checkout may
 * be somebody else's at the moment.
 * @returns the CLI's command
 */
export async function buildPackage(directory: string): Promise<string[]> {
  for (const name of ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'src', 'scripts']) {
    await cp(join(CHECKOUT, name), join(directory, name), { recursive: true });
  }
  await symlink(join(CHECKOUT, 'node_modules'), join(directory, 'node_modules'));
  await runToEnd(['sh', join(directory, 'scripts', 'build.sh')]);
  return [process.execPath, join(directory, 'dist', 'cli', 'main.mjs')];
}

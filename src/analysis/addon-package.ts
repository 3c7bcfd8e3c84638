import type { ReadSource } from '../formats/script-frames/verify-frames.ts';
import type { Addon } from '../model/addon.ts';
import type { Frame } from '../model/frame.ts';
import type { ThrownValue } from '../model/probe-record.ts';

/**
 * The package whose machine code the stack starts in, below frames that only abort for it (system libraries, Node), with the
 * version from its package.json. undefined if there is none.
 */
export function addonOfStack(frames: readonly Frame[], readFile: ReadSource): Addon | undefined {
  const first = frames.find((frame) => frame.native === undefined || frame.inApp || isOfPackage(frame));
  if (first?.native?.image == null || first.inApp || first.module === null) return undefined;
  const { image } = first.native;
  const name = installedFor(first.module, frames) ?? first.module;
  return { ...named(image, name, readFile), forOtherNode: false };
}

/** Machine code is in one package per platform (`sharp-linux-x64`), which users do not install themselves. */
function installedFor(module: string, frames: readonly Frame[]): string | null {
  const caller = frames.find(
    (frame) => frame.native === undefined && frame.module !== null && module.startsWith(`${frame.module}-`),
  );
  return caller?.module ?? null;
}

/**
 * The add-on that Node refused to load because it was built for another Node. Only Node writes this message with this code;
 * only the package name is kept from its path.
 */
export function addonForOtherNode({ code, message }: ThrownValue, readFile: ReadSource): Addon | undefined {
  if (code !== 'ERR_DLOPEN_FAILED') return undefined;
  const path = OTHER_NODE.exec(message)?.[1];
  const name = /^.*\/node_modules\/((?:@[\w.~-]+\/)?[\w.~-]+)\//.exec(path ?? '')?.[1];
  return path === undefined || name === undefined
    ? undefined
    : { ...named(path, name, readFile), forOtherNode: true };
}

const OTHER_NODE =
  /^The module '([^'\n]{1,4096})'\s+was compiled against a different Node\.js version using\s+NODE_MODULE_VERSION \d/;

function isOfPackage({ module, native }: Frame): boolean {
  if (module === null || module === 'node') return false;
  return native?.image?.includes(`/node_modules/${module}/`) ?? false;
}

function named(path: string, name: string, readFile: ReadSource): { name: string; version: string | null } {
  const root = path.slice(0, path.lastIndexOf('/node_modules/') + '/node_modules/'.length);
  return { name, version: versionIn(readFile(`${root}${name}/package.json`)) };
}

function versionIn(text: string | null): string | null {
  try {
    const version = JSON.parse(text ?? '').version;
    return typeof version === 'string' ? version : null;
  } catch {
    return null;
  }
}

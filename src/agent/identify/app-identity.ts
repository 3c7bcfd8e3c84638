import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { type Locate, onHost } from '../../symbols/locate.ts';
import { readTrustedFile, type Trusted } from './trusted-file.ts';
import { workspaceRoot } from './workspace-root.ts';

/** Larger than any package.json, small enough to be read before the worker starts. */
const MAX_PACKAGE_BYTES = 1024 * 1024;

/** `version`: of the app's package, null if it has none. */
export type AppIdentity = {
  name: string;
  root: string;
  /** The root by the shell's path if links lead to it: `current`, which each deploy switches. */
  place?: string;
  /** Root of the workspace that the package is a member of. */
  workspaceRoot: string | null;
  version: string | null;
};

type Package = { name?: unknown; version?: unknown };

/**
 * Default name and root of the app: from the nearest package.json above the working directory, else from the command
 * (`node server.js` is `server`). A package.json counts only if the user, root or the owner of the working directory owns
 * it: a file that another user put into /tmp does not rename apps below.
 * @param pwd the shell's path of the working directory (`PWD`)
 * @param locate for a command with another root directory
 */
export function identifyApp(
  command: readonly string[],
  cwd: string,
  pwd?: string,
  locate: Locate = onHost,
): AppIdentity {
  const trusted = { owners: [process.geteuid?.() ?? 0, ownerOf(locate(cwd))], locate };
  const found = findPackage(cwd, trusted);
  const root = found?.root ?? cwd;
  const place = placeOf(root, cwd, pwd);
  const version = found?.content.version;
  return {
    name: packageName(found?.content ?? {}) ?? nameOfCommand(command),
    root,
    ...(place === null ? {} : { place }),
    workspaceRoot: found === null ? null : workspaceRoot(root, trusted),
    version: typeof version === 'string' ? version : null,
  };
}

function findPackage(from: string, trusted: Trusted): { root: string; content: Package } | null {
  for (let root = from; ; root = dirname(root)) {
    const content = readPackage(root, trusted);
    if (content !== null) return { root, content };
    if (root === dirname(root)) return null;
  }
}

function packageName({ name }: Package): string | null {
  return typeof name === 'string' && /^[@\w][\w@/.-]{0,99}$/.test(name) ? name : null;
}

function readPackage(directory: string, trusted: Trusted): Package | null {
  try {
    const text = readTrustedFile(join(directory, 'package.json'), MAX_PACKAGE_BYTES, trusted);
    if (text === null) return null;
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch (error) {
    return error instanceof SyntaxError ? {} : null;
  }
}

function ownerOf(directory: string): number {
  try {
    return statSync(directory).uid;
  } catch {
    // Root's files count in any case.
    return 0;
  }
}

/** The shell's path of the root, null if it is the real path or if `PWD` belongs to another process. */
function placeOf(root: string, cwd: string, pwd: string | undefined): string | null {
  const below = cwd.slice(root.length);
  if (pwd === undefined || !isAbsolute(pwd) || pwd === cwd || !pwd.endsWith(below)) return null;
  try {
    const place = pwd.slice(0, pwd.length - below.length);
    return realpathSync(pwd) === cwd && realpathSync(place) === root ? place : null;
  } catch {
    return null;
  }
}

function nameOfCommand(command: readonly string[]): string {
  const script =
    command.find((part, index) => index > 0 && /\.[cm]?[jt]sx?$/.test(part)) ?? command[0] ?? 'app';
  const name = basename(script)
    .replace(/\.[cm]?[jt]sx?$/, '')
    .replaceAll(/[^\w.-]/g, '-');
  return name.slice(0, 100) || 'app';
}

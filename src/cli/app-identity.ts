import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** `version` is that of the app's package, null where it says none. */
export type AppIdentity = { name: string; root: string; version: string | null };

/**
 * What the app is called and where it lives, unless the user says: the nearest package.json upwards from the working
 * directory, else the command (`node server.js` is `server`).
 */
export function identifyApp(command: readonly string[], cwd: string): AppIdentity {
  const root = findPackage(cwd);
  const name = root === null ? null : packageName(root);
  const version = root === null ? null : readPackage(root)?.version;
  return {
    name: name ?? nameOfCommand(command),
    root: root ?? cwd,
    version: typeof version === 'string' ? version : null,
  };
}

function findPackage(from: string): string | null {
  for (let directory = from; ; directory = dirname(directory)) {
    if (readPackage(directory) !== null) return directory;
    if (directory === dirname(directory)) return null;
  }
}

function packageName(directory: string): string | null {
  const name = readPackage(directory)?.name;
  return typeof name === 'string' && /^[@\w][\w@/.-]{0,99}$/.test(name) ? name : null;
}

function readPackage(directory: string): { name?: unknown; version?: unknown } | null {
  try {
    const value: unknown = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch (error) {
    return error instanceof SyntaxError ? {} : null;
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

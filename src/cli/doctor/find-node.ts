import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { readRegularHead } from '../../symbols/regular-file.ts';
import { runtimeNamed } from '../../worker/running-program.ts';

/** Path of the executable, null if there is none. */
export function findExecutable(name: string, path: string): string | null {
  for (const candidate of candidates(name, path)) {
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return realpathSync(candidate);
    } catch {
      // The next directory.
    }
  }
  return null;
}

/** A file or directory of that name, whether it can be executed or not. */
export function isThere(name: string, path: string): boolean {
  return candidates(name, path).some((candidate) => existsSync(candidate));
}

function candidates(name: string, path: string): string[] {
  return name.includes('/') ? [name] : path.split(delimiter).map((directory) => join(directory || '.', name));
}

/** Is the command Node, or something that starts it (a script, a shell, a package manager)? */
export function startsNode(
  executable: string,
  command: readonly string[],
): 'directly' | 'likely' | 'unknown' {
  if (/^node(js)?\d*$/.test(basename(executable))) return 'directly';
  if (/^#!.*\bnode\b/.test(firstLine(executable))) return 'likely';
  return command.some((part) => /\bnode\b|\.[cm]?[jt]s\b|\bnpm\b|\byarn\b|\bpnpm\b/.test(part))
    ? 'likely'
    : 'unknown';
}

const OTHER_RUNTIME =
  /^(?:(?:python|pypy|ruby|perl|php|php-fpm|lua)[\d.]*|java|dotnet|deno|bun|gunicorn|uvicorn|puma|rails)$/;

/** Another language's program, by its name or its first line; else null. */
export function otherRuntime(name: string, executable: string): string | null {
  const interpreter = /^#!\s*(?:\S*\/env\s+(?:-S\s+)?)?(\S+)/.exec(firstLine(executable))?.[1] ?? '';
  const names = [name, executable, interpreter].map((path) => basename(path));
  // The language is more specific than a program written in it.
  return (
    names.findLast((candidate) => runtimeNamed(candidate) !== null && OTHER_RUNTIME.test(candidate)) ??
    names.find((candidate) => OTHER_RUNTIME.test(candidate)) ??
    null
  );
}

/** `v20.20.2`, null if the file is not Node. */
export function nodeVersion(node: string, env: NodeJS.ProcessEnv): string | null {
  try {
    const { NODE_OPTIONS: _, ...plain } = env;
    const text = execFileSync(node, ['--version'], { encoding: 'utf8', timeout: 10_000, env: plain });
    return /^v\d+\.\d+\.\d+\S*$/.exec(text.trim())?.[0] ?? null;
  } catch {
    return null;
  }
}

function firstLine(path: string): string {
  const head = readRegularHead(path, 200);
  return head === null ? '' : (head.toString('latin1').split('\n')[0] ?? '');
}

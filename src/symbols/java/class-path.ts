import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { jvmOptions } from '../../formats/java-class/jvm-options.ts';

const MAX_ENTRIES = 1_000;

/**
 * The directories and archives in which a JVM looks for the app's classes, by its command line: class path, `-jar` and
 * module path; the class path's `lib/*` stands for all archives of a directory. What the environment adds is unknown.
 */
export function classPathOf(args: readonly string[], directory: string): string[] {
  const { classPath, modulePath, jar } = jvmOptions(args);
  const paths = [...classPath.split(':'), ...(jar === null ? [] : [jar])].map((path) => path || '.');
  const entries = paths.flatMap((path) =>
    path === '*' || path.endsWith('/*')
      ? archivesIn(resolve(directory, path.slice(0, -1)))
      : [resolve(directory, path)],
  );
  const modules = modulePath
    .split(':')
    .filter(Boolean)
    .flatMap((path) => [resolve(directory, path), ...archivesIn(resolve(directory, path))]);
  return [...entries, ...modules].slice(0, MAX_ENTRIES);
}

function archivesIn(directory: string): string[] {
  try {
    const names = readdirSync(directory).filter((name) => /\.jar$/i.test(name));
    return names.map((name) => resolve(directory, name));
  } catch {
    return [];
  }
}

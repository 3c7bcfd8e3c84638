import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isJavaScript, type Runtime } from '../model/runtime.ts';

/** Files by which the root of a project is known. */
const MARKERS: Partial<Record<Runtime, readonly string[]>> = {
  python: ['pyproject.toml', 'setup.py', 'setup.cfg', 'requirements.txt', 'Pipfile', 'manage.py'],
  ruby: ['Gemfile', 'config.ru', 'Rakefile'],
  php: ['composer.json'],
  perl: ['cpanfile', 'Makefile.PL', 'dist.ini'],
  java: ['pom.xml', 'build.gradle', 'build.gradle.kts', 'build.sbt', 'deps.edn', 'project.clj'],
  go: ['go.mod'],
  rust: ['Cargo.toml'],
  erlang: ['mix.exs', 'rebar.config'],
};

/**
 * The root of an app that may lie below a `package.json`, which is none of its own unless it runs JavaScript: the nearest
 * directory with a file of its language, from its working directory up to that `package.json`; else its working directory.
 * @param packageRoot the directory of the `package.json`, or the working directory
 */
export function appRootOf(runtime: Runtime, cwd: string, packageRoot: string): string {
  if (isJavaScript(runtime) || !cwd.startsWith(`${packageRoot}/`)) return packageRoot;
  const markers = MARKERS[runtime] ?? [];
  for (let root = cwd; root !== packageRoot; root = dirname(root)) {
    if (markers.some((name) => existsSync(join(root, name)))) return root;
  }
  return markers.some((name) => existsSync(join(packageRoot, name))) ? packageRoot : cwd;
}

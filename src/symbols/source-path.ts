import { posix } from 'node:path';
import { scriptPath } from '../formats/script-name.ts';

/**
 * Turns a source's URL, as the map of `generated` names it, into a path. `webpack://shop/./src/a.ts?1f2e` and the like
 * name sources relative to the project, so they become paths below `appRoot`, or below the package if the generated
 * file belongs to a dependency: many packages are bundled, with maps of sources that are not installed, which must not
 * look like the app's own. webpack's run-time code has no file and becomes `webpack:…`. Other URLs stay as they are.
 */
export function sourcePath(url: string, generated: string, appRoot: string): string {
  const packageRoot = packageRootOf(generated, appRoot);
  const path = scriptPath(url);
  if (path !== null) {
    const normal = posix.normalize(path);
    return packageRoot === null ||
      isBelow(normal, packageRoot) ||
      belowRoot(normal, appRoot).includes(MODULES)
      ? normal
      : posix.join(packageRoot, posix.basename(normal));
  }
  const bundler = /^(?:webpack|webpack-internal|turbopack|rollup|ng|vite|rspack):\/\/[^/]{0,200}\/(.*)$/.exec(
    url,
  );
  if (bundler?.[1] === undefined) return url;
  const name = withoutQuery(bundler[1]).replace(/^(?:\([\w-]{1,40}\)|\[project\])\//, '');
  if (/^(?:\.\/)?(?:webpack\/|\(webpack\)|external )/.test(name)) return `webpack:${name}`;
  // Some plug-ins put the absolute path after the scheme.
  if (appRoot !== '' && isBelow(`/${name}`, appRoot)) return posix.normalize(`/${name}`);
  return posix.join(packageRoot ?? appRoot, posix.join('/', name));
}

const MODULES = '/node_modules/';

/** Directory of the package that a file belongs to, null for the app's own files. */
function packageRootOf(file: string, appRoot: string): string | null {
  const below = belowRoot(file, appRoot);
  const start = file.length - below.length;
  const modules = below.lastIndexOf(MODULES);
  if (modules < 0) return null;
  const match = /^(?:@[^/]+\/)?[^/]+(?=\/)/.exec(below.slice(modules + MODULES.length));
  return match === null ? null : file.slice(0, start + modules + MODULES.length) + match[0];
}

/** An app that is itself installed below `node_modules` is still the app. */
function belowRoot(file: string, appRoot: string): string {
  return appRoot !== '' && isBelow(file, appRoot) ? file.slice(appRoot.length) : file;
}

function isBelow(path: string, directory: string): boolean {
  return path.startsWith(`${directory}/`);
}

function withoutQuery(name: string): string {
  const mark = name.indexOf('?');
  return mark < 0 ? name : name.slice(0, mark);
}

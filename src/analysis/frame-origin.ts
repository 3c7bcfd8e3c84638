/** The owner of a frame's code; the same two fields as in `Frame`. */
export type FrameOrigin = { module: string | null; inApp: boolean };

/**
 * Decides by file name whether a frame belongs to the app, a dependency (the package below the last `node_modules`, for npm,
 * pnpm and Yarn) or the runtime. Used before and after source maps: a bundled dependency is named by its path in the map.
 * Code outside the app's root and `node_modules` is the app's, since workspaces and linked packages are there.
 */
export function frameOrigin(file: string | null, appRoot: string): FrameOrigin {
  if (file === null || file === '' || file === '<anonymous>') return { module: null, inApp: false };
  if (file.startsWith('node:') || file === 'native' || file === '[eval]-wrapper') return NODE;
  // `eval at render (/app/view.js:3:5)`: the code belongs to the caller of eval.
  if (file.startsWith('eval at ')) return frameOrigin(evalCaller(file), appRoot);
  if (file.startsWith('webpack:')) return { module: 'webpack', inApp: false };
  if (file.startsWith('wasm:')) return { module: 'wasm', inApp: false };
  const packageName = packageOf(belowRoot(file, appRoot));
  return { module: packageName, inApp: packageName === null };
}

const NODE: FrameOrigin = { module: 'node', inApp: false };

/** An app installed below `node_modules` is still the app. */
function belowRoot(file: string, appRoot: string): string {
  return appRoot !== '' && file.startsWith(`${appRoot}/`) ? file.slice(appRoot.length) : file;
}

function packageOf(path: string): string | null {
  const parts = path.split(/[\\/]/);
  const last = parts.lastIndexOf('node_modules');
  const name = parts[last + 1];
  if (last < 0 || name === undefined || name === '') return null;
  if (name === '.pnpm') return storePackage(parts[last + 2] ?? '');
  const scoped = name.startsWith('@') ? parts[last + 2] : undefined;
  return scoped === undefined ? name : `${name}/${scoped}`;
}

/** A directory of pnpm's store: `express@4.18.2`, `@types+node@24.0.0`, with peers after `_` or in brackets. */
function storePackage(directory: string): string | null {
  const end = directory.indexOf('@', 1);
  const name = (end < 0 ? directory : directory.slice(0, end)).replace('+', '/');
  return name === '' ? null : name;
}

function evalCaller(file: string): string | null {
  const open = file.lastIndexOf(' (');
  if (open < 0) return null;
  const close = file.indexOf(')', open);
  const place = file.slice(open + 2, close < 0 ? undefined : close);
  return place.startsWith('eval at ') ? null : place.replace(/(?::\d{1,9}){1,2}$/, '');
}

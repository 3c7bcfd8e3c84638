import { posix } from 'node:path';

/**
 * The part of a frame's file name that may leave the instance, null if nothing of it may:
 *
 *     /srv/shop/src/a.js  (root /srv/shop)          src/a.js
 *     /srv/cart/src/a.js  (workspace /srv)          cart/src/a.js
 *     /srv/shop/node_modules/.pnpm/…/node_modules/express/lib/router.js   node_modules/express/lib/router.js
 *     /home/alice/lib/b.js                          …/b.js
 *     node:internal/timers                          node:internal/timers
 *     https://host/p/c.mjs?token=1                  https:…/c.mjs
 *     eval at f (…)                                 eval
 *
 * Directories outside the app's root name users and customers, queries hold tokens, `data:` holds code: none of them
 * is ever kept.
 */
export function publicFile(
  file: string | null,
  appRoot: string,
  workspaceRoot: string | null = null,
): string | null {
  if (file === null || file.length > MAX_INPUT) return null;
  if (NAMED.has(file)) return file;
  if (file.startsWith('node:')) return NODE_FILE.test(file) ? file : null;
  if (file.startsWith('eval at ') || file.startsWith('evalmachine.')) return 'eval';
  const scheme = /^([a-z][a-z-]{1,19}):/.exec(file)?.[1];
  if (scheme === undefined) return publicPath(withoutQuery(file), appRoot, workspaceRoot);
  if (scheme === 'file') return basename(withoutQuery(file));
  if (scheme === 'http' || scheme === 'https' || scheme === 'webpack') {
    const name = basename(withoutQuery(file));
    return name === OUTSIDE ? `${scheme}:` : `${scheme}:${name}`;
  }
  return SCHEMES.has(scheme) ? `${scheme}:` : null;
}

const MAX_INPUT = 4096;
const MAX_OUTPUT = 300;

/** Names that V8 and Node give to code without a file. */
const NAMED = new Set(['native', '[eval]', '[eval]-wrapper', '[stdin]', '<anonymous>']);
const NODE_FILE = /^node:[\w/.-]{1,100}$/;
const SCHEMES = new Set(['data', 'blob', 'wasm']);

/** Letters of any language, for `[id].tsx`, `(group)/@modal`, `my app/ü.js`; no controls, colons, quotes or braces. */
const PATH = /^[\p{L}\p{N}_@.+()[\]$~, !=/-]+$/u;

/** Also of the languages that senders other than crashmon are written in. */
const SCRIPT =
  /[^.]\.(?:[cm]?[jt]sx?|node|wasm|vue|svelte|py|rb|php|java|kts?|scala|groovy|clj[cs]?|go|cs|fs|vb|p[lm]|psgi|rs|exs?|[eh]rl|rake|ru|phtml)$/;

const OUTSIDE = '…';

function publicPath(path: string, appRoot: string, workspaceRoot: string | null): string {
  // Scripts on disk have absolute names: a relative one was made up by the app (`vm.Script`) and can be any text.
  const relative = path.startsWith('/')
    ? (belowRoot(path, appRoot) ?? (workspaceRoot === null ? null : belowRoot(path, workspaceRoot)))
    : null;
  // Looked for below the root: the app may itself be installed below `node_modules`.
  const inside = relative ?? path;
  const dependency = `/${inside}`.lastIndexOf('/node_modules/');
  if (dependency >= 0) return allowed(inside.slice(dependency), path);
  return relative === null ? basename(path) : allowed(relative, path);
}

/** A root such as `/` or `/home` would let the names of users through as if they were the app's. */
function belowRoot(path: string, appRoot: string): string | null {
  const root = appRoot.endsWith('/') ? appRoot.slice(0, -1) : appRoot;
  const isShared = root === '' || root === '/home' || root === '/Users' || root === '/var' || root === '/mnt';
  const normal = posix.normalize(path);
  return !isShared && normal.startsWith(`${root}/`) ? normal.slice(root.length + 1) : null;
}

function allowed(name: string, path: string): string {
  return name.length <= MAX_OUTPUT && PATH.test(name) ? name : basename(path);
}

/** A last part without the ending of a script may be a directory's name, which may be a user's. */
function basename(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const isScript = name.length <= 100 && PATH.test(name) && SCRIPT.test(name);
  return isScript ? `${OUTSIDE}/${name}` : OUTSIDE;
}

function withoutQuery(file: string): string {
  const end = file.search(/[?#]/);
  return end < 0 ? file : file.slice(0, end);
}

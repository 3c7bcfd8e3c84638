/**
 * A script's or source file's name without build hashes, versions and directories of a release:
 *
 *     dist/main.3f2a1b.js → dist/main.js                   assets/index-BxY12_z9.js → assets/index.js
 *     releases/20240101/src/a.ts → releases/*\/src/a.ts    node_modules/.pnpm/x@1.2.3/node_modules/x/y.js → x/y.js
 */
export function stableFile(file: string): string {
  const text = file.slice(0, MAX_FILE).replace(/[?#].*$/s, '');
  const package_ = text.lastIndexOf('node_modules/');
  const path = package_ < 0 ? text : text.slice(package_ + 'node_modules/'.length);
  const parts = path.split(/[\\/]/);
  const base = stableBase(parts.pop() ?? '');
  return [...parts.map(stableDirectory), base].join('/');
}

/** Was it made by a bundler, going by a hash in its name? */
export function isBundled(file: string): boolean {
  const base = file.slice(file.lastIndexOf('/') + 1).slice(0, MAX_FILE);
  return stableBase(base) !== base || /^(?:main|bundle|chunk|vendors?|index)\.min\./.test(base);
}

const MAX_FILE = 1000;
const EXTENSION = /(?:\.(?:min|prod|bundle))?\.[A-Za-z]{1,6}$/;
const HASH = [
  /^(?=[a-f]*\d)[0-9a-f]{6,64}$/,
  /^[0-9a-f]{8,64}$/,
  /^[A-Z0-9]{6,16}$/,
  /^(?=.*\d)\d[\dT.-]{3,30}$/,
  /^v?\d+\.\d[\w.+-]*$/,
];

function stableBase(name: string): string {
  const extension = EXTENSION.exec(name)?.[0] ?? '';
  const stem = name.slice(0, name.length - extension.length);
  const bare = withoutHash(stem);
  return `${bare}${extension.replace(/^\.(?:min|prod|bundle)(?=\.)/, '')}`;
}

function withoutHash(stem: string): string {
  // A chunk that has only a number, or nothing but a hash.
  if (HASH.some((hash) => hash.test(stem)) || /^\d+$/.test(stem)) return '*';
  const vite = /^(.{1,200}?)-([\w-]{8})$/.exec(stem);
  if (vite !== null && isMixed(vite[2] ?? '')) return vite[1] ?? stem;
  const [first = '', ...rest] = stem.split(/(?=[.~_-])/);
  const kept = rest.filter((part) => !HASH.some((hash) => hash.test(part.slice(1))));
  return [first, ...kept].join('').replace(/[-_.@]v?\d+(?:\.\d+)+$/, '');
}

/** Letters of both cases or digits among letters: no word of a file's name looks so. */
function isMixed(text: string): boolean {
  return (/[A-Z]/.test(text) && /[a-z]/.test(text)) || (/\d/.test(text) && /[A-Za-z]/.test(text));
}

function stableDirectory(name: string): string {
  if (HASH.some((hash) => hash.test(name))) return '*';
  // `serde-1.0.130`, `x@1.2.3`, Next's build IDs, UUIDs.
  const bare = name.replace(/(?<=.)[-@]v?\d+\.\d[\w.+-]*$/, '');
  const isId =
    /^[\w-]{20,40}$/.test(bare) && /\d/.test(bare) && (/[A-Z]/.test(bare) || /^[0-9a-f-]+$/.test(bare));
  return isId ? '*' : bare;
}

/**
 * A JavaScript function's name without what differs between builds and ways of calling it; null if it names
 * nothing:
 *
 *     async Cart.total → Cart.total      Object.load [as l] → load      exports.run → run      render$1 → render
 *     Object.<anonymous> → null          a.t → null (minified)          Timeout.<anonymous> [as _onTimeout] → _onTimeout
 *
 * `isBundled`: bundlers add numbers to names that occur twice, and these change with what else is in the bundle.
 */
export function scriptFunction(name: string | null, isBundled: boolean): string | null {
  if (name === null) return null;
  const text = name.slice(0, MAX_NAME).replace(/ \(index \d{1,6}\)$/, '');
  const alias = / \[as ([^\]]{1,200})\]$/.exec(text)?.[1] ?? null;
  const bare = text.replace(/ \[as [^\]]{0,200}\]$/, '');
  const isNew = /^(?:async |bound )*new /.test(bare);
  const parts = namedParts(bare.replace(/^(?:(?:async|bound|new|get|set) )+/, ''), isBundled);
  if (parts !== null) return (isNew ? 'new ' : '') + parts;
  return alias === null ? null : namedParts(alias, isBundled);
}

/** A name of a class that says something: not minified. */
export function typeName(name: string | null): string | null {
  return name === null || isGenerated(name) ? null : name.slice(0, MAX_NAME);
}

const MAX_NAME = 300;
/** What V8 writes before a method says what it was called on, which transpilers and bundlers decide. */
const RECEIVERS = new Set([
  ...['Object', 'Module', 'exports', 'module', 'global', 'globalThis', 'Function', 'undefined', 'default'],
  ...['self', 'window', 'Proxy', 'AsyncFunction', 'Generator', 'AsyncGenerator'],
]);

function namedParts(name: string, isBundled: boolean): string | null {
  const parts = (name.match(/\[[^\]]*\]|<[^>]*>|[^.]+/g) ?? []).map((part) => withoutNumber(part, isBundled));
  const last = parts.pop();
  if (last === undefined || isGenerated(last)) return null;
  return [...parts.filter((part) => !RECEIVERS.has(part) && !isGenerated(part)), last].join('.');
}

/** Rollup writes `render$1` for a second `render`, esbuild `render2`. */
function withoutNumber(name: string, isBundled: boolean): string {
  const bare = name.replace(/(?<=[\w$])\$\d{1,4}$/, '');
  return isBundled ? bare.replace(/(?<=[A-Za-z]{3})\d{1,2}$/, '') : bare;
}

function isGenerated(name: string): boolean {
  return GENERATED.some((pattern) => pattern.test(name));
}

const GENERATED = [
  /^$|^<?anonymous>?$|^\(anonymous\)$|^<computed>$/,
  // Minified: one or two letters, with digits behind.
  /^#?[\p{L}_$]{1,2}\d{0,4}$/u,
  /^_?0x[0-9a-f]+$/i,
  /^__(?:WEBPACK|TURBOPACK|webpack|turbopack)_/,
  /^\$[0-9a-f]{4,}\$/,
  /^_?(?:anonymous|lambda|closure|func|fn)_?\$?\d+$/i,
];

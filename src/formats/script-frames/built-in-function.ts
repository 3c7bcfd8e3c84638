/** Objects of the language whose functions V8 and JavaScriptCore show in stacks, without a file. */
const OWNERS: readonly string[] = [
  ...[
    'Array',
    'ArrayBuffer',
    'Atomics',
    'BigInt',
    'Boolean',
    'DataView',
    'Date',
    'Error',
    'Function',
    'Intl',
  ],
  ...['JSON', 'Map', 'Math', 'Number', 'Object', 'Promise', 'Proxy', 'Reflect', 'RegExp', 'Set', 'String'],
  ...['Symbol', 'WeakMap', 'WeakRef', 'WeakSet', 'WebAssembly', 'Uint8Array', 'Int8Array', 'Uint16Array'],
  ...[
    'Int16Array',
    'Uint32Array',
    'Int32Array',
    'Float32Array',
    'Float64Array',
    'AggregateError',
    'Iterator',
  ],
];
/** Without a constructor of this name. */
const OTHERS: ReadonlySet<string> = new Set([
  ...['Generator.next', 'Generator.throw', 'Generator.return', 'AsyncGenerator.next', 'TypedArray.map'],
  ...['RegExp.[Symbol.replace]', 'RegExp.[Symbol.split]', 'RegExp.[Symbol.match]', 'Function.apply', 'eval'],
]);

/** `JSON.parse`, `Array.map`, `new Promise`, `async Promise.all`: whether the language has a function of this name. */
export function isBuiltInFunction(name: string): boolean {
  const bare = name.replace(/^(?:async |new )/, '');
  if (OTHERS.has(bare)) return true;
  const [owner = '', method, ...more] = bare.split('.');
  if (more.length > 0 || !OWNERS.includes(owner)) return false;
  if (method === undefined) return bare !== name;
  const { [owner]: found } = globalThis as unknown as Record<string, Record<string, unknown> | undefined>;
  return has(found, method) || has(found?.prototype, method);
}

function has(object: unknown, name: string): boolean {
  return object !== undefined && object !== null && Object.hasOwn(object, name);
}

// @ts-check
'use strict';
const withErrorSetting = require('./error-settings.cjs').withErrorSetting;
const createHashes = require('./script-hashes.cjs').createHashes;
const captureStackTrace = Error.captureStackTrace;

const MAX_FRAMES = 200;
const MAX_NAME = 512;
const MAX_FILE = 4096;

/**
 * Structured frames of the current call, without the frames above and including `below`; null if they cannot be read
 * (a frozen Error).
 * @param {Function} below
 * @param {number} limit
 * @returns {any[] | null}
 */
function callSitesBelow(below, limit) {
  let sites = null;
  const holder = {};
  withErrorSetting('stackTraceLimit', limit, () =>
    withErrorSetting(
      'prepareStackTrace',
      (error, structured) => {
        if (error === holder) sites = structured;
        return '';
      },
      () => {
        captureStackTrace(holder, below);
        return holder.stack;
      },
    ),
  );
  return sites;
}

/** RawFrames (src/model/probe-record.ts) of V8 call sites. */
function framesOf(/** @type {any[]} */ sites) {
  const frames = [];
  const hashOf = createHashes();
  for (let i = 0; i < sites.length && i < MAX_FRAMES; i++) {
    const frame = frameOf(sites[i]);
    const scriptHash = frame.line === null ? null : hashOf(sites[i], frame.file);
    frames[i] = scriptHash === null ? frame : Object.assign(frame, { scriptHash });
  }
  return frames;
}

/** Their lines as V8 prints them: a text that ends like this has no other positions. */
function textOf(/** @type {any[]} */ sites) {
  let text = '';
  for (let i = 0; i < sites.length; i++) text += `\n    at ${ask(sites[i], 'toString')}`;
  return text;
}

/** Every question is asked on its own: V8 throws from some of them for odd frames (wasm, other realms). */
function frameOf(/** @type {any} */ site) {
  const text = ask(site, 'toString') || '';
  // A pattern is compiled when it is first used: while a crashing worker is held.
  const promise = text.startsWith('async Promise.') ? PROMISE_FRAME.exec(text) : null;
  const wasm = promise ? null : wasmPlaceOf(text);
  if (wasm) return Object.assign(wasm, { function: cut(functionOf(site), MAX_NAME), async: false });
  return {
    function: promise ? promise[1] : cut(functionOf(site), MAX_NAME),
    file: promise ? null : cut(fileOf(site), MAX_FILE),
    line: promise ? null : positive(ask(site, 'getLineNumber')),
    column: promise ? null : positive(ask(site, 'getColumnNumber')),
    async: ask(site, 'isAsync') === true,
  };
}

/** `await Promise.all([…])`: V8 makes a frame up for it and puts the member's index where the position would be. */
const PROMISE_FRAME = /^async (Promise\.(?:all|allSettled|any)) \(index \d+\)$/;

const WASM_PLACE = /(wasm:\/\/[^ ]{1,200}):wasm-function\[(\d{1,7})\]:0x([0-9a-f]{1,8})\)?$/;

/** WebAssembly has no lines: a place in it is a function's index and a byte of the module. */
function wasmPlaceOf(/** @type {string} */ text) {
  const match = text.length > 2048 || text.indexOf('wasm://') === -1 ? null : WASM_PLACE.exec(text);
  if (!match) return null;
  const wasm = { functionIndex: +match[2], byteOffset: parseInt(match[3], 16) };
  return { file: match[1], line: null, column: null, wasm };
}

/** The name as V8 prints it (`Foo.bar`, `new Foo`), without its `[as baz]`; null for `<anonymous>`. */
function functionOf(/** @type {any} */ site) {
  const name = ask(site, 'getFunctionName') || '';
  if (ask(site, 'isConstructor')) return name && `new ${name}`;
  if (ask(site, 'isToplevel') || ask(site, 'isNative')) return name;
  const type = ask(site, 'getTypeName') || '';
  if (name) return type && !name.startsWith(type) ? `${type}.${name}` : name;
  const method = ask(site, 'getMethodName') || '';
  return method && (type ? `${type}.${method}` : method);
}

function fileOf(/** @type {any} */ site) {
  const name = ask(site, 'getFileName');
  if (name) return name;
  if (ask(site, 'isNative')) return 'native';
  return ask(site, 'isEval') ? ask(site, 'getEvalOrigin') : null;
}

/** @param {any} site @param {string} method */
function ask(site, method) {
  try {
    return site[method]();
  } catch {
    return null;
  }
}

/** @param {unknown} text @param {number} length */
function cut(text, length) {
  return typeof text === 'string' && text !== '' ? text.slice(0, length) : null;
}

/** @param {unknown} n */
function positive(n) {
  return typeof n === 'number' && n > 0 && n < 2147483648 ? n : null;
}

module.exports = { callSitesBelow, framesOf, textOf, wasmPlaceOf, MAX_FRAMES, MAX_NAME, MAX_FILE };

// @ts-check
'use strict';
const fs = require('fs');
const takeIfWanted = require('./heap-snapshot.cjs').takeIfWanted;
const toJson = require('./to-json.cjs');
const open = fs.openSync;
const write = fs.writeSync;
const close = fs.closeSync;
const rename = fs.renameSync;
const readLink = fs.readlinkSync;
const Registry = globalThis.FinalizationRegistry;
const register = Registry && Registry.prototype.register;
const apply = Reflect.apply;
const now = Date.now;
const memoryUsage = process.memoryUsage;
const activeResources = /** @type {any} */ (process).getActiveResourcesInfo;
const keysOf = Object.keys;
/** Since Node.js 20.16. Unlike `require`, it runs no hook of the app. */
const builtin = /** @type {any} */ (process).getBuiltinModule;

/** Less is no leak. From here on the module v8 is loaded, which takes 2 ms once. */
const FROM_BYTES = 32 * 1024 * 1024;
/** So all records of a run are a few dozen. */
const GROWTH = 1.1;

/**
 * Keeps in `heap.json` where V8 has its memory, each time that a full garbage collection finds a tenth more of it than
 * ever before. An object that nothing refers to reports such a collection: before one, this costs nothing, and it keeps
 * neither a timer nor a descriptor. The file is in memory: a write to a disk that hangs would hold up the app.
 * @param {string} dir
 * @returns {object | null} to be kept: a registry that nothing refers to reports nothing
 */
function watchHeapGrowth(dir) {
  if (!Registry || !activeResources) return null;
  const place = placeIn(dir);
  if (place === null) return null;
  const file = `${place}/heap.json`;
  let largest = FROM_BYTES / GROWTH;
  /** @type {any} */
  let v8 = null;
  const registry = new Registry(() => {
    try {
      wait();
      const usage = memoryUsage();
      const bytes = usage.heapUsed + usage.external;
      if (bytes >= largest * GROWTH) {
        largest = bytes;
        v8 = v8 || (builtin ? builtin('v8') : null);
        replace(file, toJson(record(v8, usage)));
      }
      if (v8) takeIfWanted(v8, place, usage.heapUsed);
    } catch {
      // The app runs on.
    }
  });
  function wait() {
    apply(register, registry, [{}, null]);
  }
  wait();
  return registry;
}

/** Where crashmon has made room in memory; null if nowhere. */
function placeIn(/** @type {string} */ dir) {
  try {
    return readLink(`${dir}/in-memory`);
  } catch {
    return null;
  }
}

/**
 * See HeapMemoryRecord in src/model/memory.ts.
 * @param {any} v8
 * @param {NodeJS.MemoryUsage} usage
 */
function record(v8, usage) {
  const spaces = v8 ? v8.getHeapSpaceStatistics() : [];
  const shown = [];
  for (let n = 0; n < spaces.length; n++) {
    const space = spaces[n];
    shown[n] = {
      name: space.space_name,
      usedBytes: space.space_used_size,
      sizeBytes: space.space_size,
    };
  }
  return {
    atMs: now(),
    usedBytes: usage.heapUsed,
    limitBytes: v8 ? v8.getHeapStatistics().heap_size_limit : null,
    externalBytes: usage.external,
    arrayBufferBytes: usage.arrayBuffers,
    spaces: shown,
    resources: resources(),
  };
}

function resources() {
  const types = activeResources();
  /** @type {Record<string, number>} */
  const counts = Object.create(null);
  for (let n = 0; n < types.length; n++) counts[types[n]] = (counts[types[n]] || 0) + 1;
  const list = [];
  const names = keysOf(counts);
  // More types than this are names of an app.
  for (let n = 0; n < names.length && n < 64; n++) list[n] = { type: names[n], count: counts[names[n]] };
  return list;
}

/** A reader finds the old one or the new one. */
function replace(/** @type {string} */ file, /** @type {string} */ text) {
  const temporary = `${file}.tmp`;
  const fd = open(temporary, 'w', 0o600);
  try {
    write(fd, text);
  } finally {
    close(fd);
  }
  rename(temporary, file);
}

module.exports = { watchHeapGrowth };

'use strict';
// Ends by an uncaught exception, ten calls deep, once it gets a line; with as many old errors as the first argument says.
const kept = Array.from({ length: Number(process.argv[2]) }, (_, index) => new Error(`old ${index}`));

function fail(/** @type {number} */ depth) {
  if (depth > 0) return fail(depth - 1) + 1;
  throw new TypeError(`no such item, after ${kept.length} errors`);
}

process.stdin.once('data', () => fail(10));
process.stdout.write('ready\n');

'use strict';
const born = process.hrtime.bigint();
// A worker that crashes with an uncaught exception on request, and reports when, in ns of the monotonic clock.
const { randomFillSync } = require('node:crypto');
const fs = require('node:fs');
const { joinBench } = require('./channel.cjs');

const mark = fs.openSync(`${process.env.BENCH_SOCKET}.${process.env.BENCH_NAME}`, 'a+');
const diedBefore = Number(fs.readFileSync(mark, 'utf8'));

function die() {
  fs.ftruncateSync(mark);
  fs.writeSync(mark, String(process.hrtime.bigint()));
  throw new Error('asked to die');
}

/** @type {Buffer[]} */
const memory = [];

/** Touches memory of which half can be compressed. */
function fill(/** @type {number} */ megabytes) {
  while (memory.length < megabytes) memory.push(randomFillSync(Buffer.alloc(1e6), 0, 5e5));
}

const gapMs = diedBefore === 0 ? 0 : (Number(born) - diedBefore) / 1e6;
joinBench({ gapMs }, ({ order, megabytes }) => {
  if (order === 'fill') {
    fill(megabytes);
    return { megabytes };
  }
  if (order === 'die') setImmediate(die);
  if (order === 'end') process.exit(0);
});

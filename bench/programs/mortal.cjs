'use strict';
const born = process.hrtime.bigint();
// A worker that crashes with an uncaught exception on request, and reports when, in ns of the monotonic clock.
const fs = require('node:fs');
const { joinBench } = require('./channel.cjs');

const mark = fs.openSync(`${process.env.BENCH_SOCKET}.${process.env.BENCH_NAME}`, 'a+');
const diedBefore = Number(fs.readFileSync(mark, 'utf8'));

function die() {
  fs.ftruncateSync(mark);
  fs.writeSync(mark, String(process.hrtime.bigint()));
  throw new Error('asked to die');
}

const gapMs = diedBefore === 0 ? 0 : (Number(born) - diedBefore) / 1e6;
joinBench({ gapMs }, ({ order }) => {
  if (order === 'die') setImmediate(die);
  if (order === 'end') process.exit(0);
});

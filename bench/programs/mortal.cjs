'use strict';
const born = process.hrtime.bigint();
// A worker that dies of an exception when it is asked to, and says when to the nanosecond: the clock is the machine's
// monotonic one, the same for its successor.
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

const born = process.hrtime.bigint();
// Reports when its first line ran and when it is about to crash, then throws an uncaught exception twenty calls deep.
require('node:fs').writeSync(1, `${born}\n`);

function fall(/** @type {number} */ depth) {
  if (depth > 0) return fall(depth - 1) + 1;
  require('node:fs').writeSync(1, `${process.hrtime.bigint()}\n`);
  throw new TypeError('no price');
}

setImmediate(() => fall(20));

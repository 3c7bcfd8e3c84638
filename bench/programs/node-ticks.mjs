// Answers each line with the longest delay of its event loop since the last one, in ns.
import { performance } from 'node:perf_hooks';

const cell = new Int32Array(new SharedArrayBuffer(4));
// Global, so that it is not optimized away.
globalThis.held = Array.from({ length: Number(process.argv[2] ?? 0) }, () => Buffer.alloc(1 << 20, 1));
let longest = 0;
let last = performance.now();

function tick() {
  // Sleeps: a busy loop would measure how the debugger is scheduled beside it.
  Atomics.wait(cell, 0, 0, 0.05);
  const time = performance.now();
  longest = Math.max(longest, time - last);
  last = time;
  setImmediate(tick);
}

process.stdin.on('data', () => {
  process.stdout.write(`${Math.round(longest * 1e6)}\n`);
  longest = 0;
  last = performance.now();
});
process.stdin.on('end', () => process.exit(0));
process.stdout.write('ready\n');
tick();

'use strict';
// A worker that does one kind of work for some milliseconds on request, and reports how much it did.
const { createServer } = require('node:http');
const { performance } = require('node:perf_hooks');
const { joinBench } = require('./channel.cjs');

const LINE = 'GET /cart/42 200 3.1 ms 1184 bytes user-agent "a browser of some kind" referrer "/shop"';
const sink = { total: 0 };

/** Each does a few units of work and returns their number; short enough to check the clock in between. */
const WORK = {
  throw() {
    for (let i = 0; i < 50; i++) {
      try {
        failBelow(8);
      } catch (error) {
        sink.total += error.message.length;
      }
    }
    return 50;
  },
  async await() {
    for (let i = 0; i < 500; i++) {
      sink.total += await later(i);
      if (i % 10 === 0) await later(-1).catch(() => {});
    }
    return 500;
  },
  log() {
    for (let i = 0; i < 50; i++) console.log(LINE);
    return 50;
  },
  error() {
    for (let i = 0; i < 50; i++) console.error(LINE);
    return 50;
  },
};

function failBelow(/** @type {number} */ depth) {
  if (depth > 0) return failBelow(depth - 1) + 1;
  throw new Error('no such article');
}

async function later(/** @type {number} */ value) {
  if (value < 0) throw new RangeError('negative');
  return value;
}

async function work(/** @type {() => number | Promise<number>} */ some, /** @type {number} */ ms) {
  const start = performance.now();
  let done = 0;
  let now = start;
  while (now - start < ms) {
    const result = some();
    done += typeof result === 'number' ? result : await result;
    now = performance.now();
  }
  return { done, ms: now - start };
}

const articles = Array.from({ length: 20 }, (_, id) => ({ id, name: `article ${id}`, price: id * 1.5 }));
const server = createServer((request, response) => {
  const total = articles.reduce((sum, { price }) => sum + price, 0);
  const body = JSON.stringify({ path: request.url, total, articles });
  // Responses of one length are easy to count for the sender.
  response.sendDate = false;
  response.setHeader('content-length', Buffer.byteLength(body));
  response.end(body);
});
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  joinBench({ port }, ({ kind, ms }) => work(WORK[kind], ms));
});

'use strict';
const net = require('node:net');
const { createInterface } = require('node:readline');

/**
 * Connects to the bench and answers its requests, one at a time.
 * @param {object} hello
 * @param {(request: any) => object | Promise<object> | undefined} answer
 */
function joinBench(hello, answer) {
  const socket = net.connect(process.env.BENCH_SOCKET);
  const say = (/** @type {object} */ document) => socket.write(`${JSON.stringify(document)}\n`);
  // Exits with the bench.
  socket.on('close', () => process.exit(0));
  socket.on('error', () => process.exit(0));
  say({ hello: process.env.BENCH_NAME, pid: process.pid, ...hello });
  createInterface(socket).on('line', async (line) => {
    const result = await answer(JSON.parse(line));
    if (result !== undefined) say(result);
  });
}

module.exports = { joinBench };

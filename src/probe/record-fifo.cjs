// @ts-check
'use strict';
const fs = require('fs');
// The app (mocks, graceful-fs) may replace any of these later.
const open = fs.openSync;
const write = fs.writeSync;
const close = fs.closeSync;
const pid = process.pid;

/** Without a reader the open fails, and a full FIFO refuses the write: nothing here ever waits. */
const FLAGS = fs.constants.O_WRONLY | fs.constants.O_NONBLOCK;
/** With what is before them and the end of the line, pieces are at most PIPE_BUF: no other writer's come in between. */
const PIECE_BYTES = 4000;
/** A FIFO has room for 16 pieces. */
const MAX_PIECES = 15;

/**
 * Records of a process that has no directory to write to, as lines (src/formats/probe-record/probe-lines.ts). The first
 * one says that the probe is in this process.
 * @param {string} path
 * @throws if nothing reads the FIFO
 */
function createRecordFifo(path) {
  let next = 0;
  send(path, [Buffer.from(`c ${pid}\n`)]);
  return {
    /** @param {string} text */
    add(text) {
      const bytes = Buffer.from(text);
      const count = Math.ceil(bytes.length / PIECE_BYTES);
      if (count > MAX_PIECES) throw new RangeError('too long');
      const lines = [];
      for (let n = 0; n < count; n++) {
        const piece = bytes.subarray(n * PIECE_BYTES, (n + 1) * PIECE_BYTES);
        lines.push(Buffer.concat([Buffer.from(`r ${pid} ${next} ${n} ${count} `), piece, Buffer.from('\n')]));
      }
      next++;
      send(path, lines);
    },
  };
}

/** Not kept open: after the end of the reader, a write would raise SIGPIPE. */
function send(/** @type {string} */ path, /** @type {Buffer[]} */ lines) {
  const fd = open(path, FLAGS);
  try {
    for (let n = 0; n < lines.length; n++) write(fd, lines[n]);
  } finally {
    close(fd);
  }
}

module.exports = { createRecordFifo };

// @ts-check
'use strict';
const fs = require('fs');
// The app (mocks, graceful-fs) may replace any of these later.
const open = fs.openSync;
const write = fs.writeSync;
const close = fs.closeSync;
const rename = fs.renameSync;
const unlink = fs.unlinkSync;
const exists = fs.existsSync;
const fstat = fs.fstatSync;

const MAX_RECORDS = 10;

/**
 * The files `record-0.json` … `record-9.json` of one run; when all are used the oldest is replaced. They begin where an
 * earlier main worker of the same run stopped.
 * @param {string} dir
 */
function createRecordFiles(dir) {
  const nameOf = (/** @type {number} */ n) => `${dir}/record-${n}.json`;
  let next = 0;
  while (next < MAX_RECORDS && exists(nameOf(next))) next++;

  // "Too many open files" can be the crash: one file is opened while a descriptor is left.
  const reserveName = `${dir}/reserve.json`;
  let reserve = open(reserveName, 'w', 0o600);

  return {
    /** @param {string} text */
    add(text) {
      if (next === MAX_RECORDS) {
        for (let n = 1; n < MAX_RECORDS; n++) rename(nameOf(n), nameOf(n - 1));
        next = MAX_RECORDS - 1;
      }
      const name = nameOf(next);
      let fd;
      try {
        fd = open(name, 'wx', 0o600);
      } catch (error) {
        if (reserve === -1 || error.code === 'EEXIST') throw error;
        fd = reserve;
        reserve = -1;
        rename(reserveName, name);
      }
      try {
        writeAll(fd, text);
      } catch (error) {
        unlink(name);
        throw error;
      } finally {
        close(fd);
      }
      next++;
    },
  };
}

/** One write in practice; a signal or a full disk can cut it short. */
function writeAll(/** @type {number} */ fd, /** @type {string} */ text) {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) done += write(fd, bytes, done);
}

/** Size of the file behind standard error: Node's fatal-error output begins there. */
function stderrOffset() {
  try {
    const stat = fstat(2);
    return stat.isFile() ? stat.size : null;
  } catch {
    return null;
  }
}

module.exports = { createRecordFiles, stderrOffset };

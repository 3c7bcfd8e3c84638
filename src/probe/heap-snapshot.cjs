// @ts-check
'use strict';
const fs = require('fs');
const open = fs.openSync;
const write = fs.writeSync;
const close = fs.closeSync;
const fstat = fs.fstatSync;
const unlink = fs.unlinkSync;
const rename = fs.renameSync;
const readFile = fs.readFileSync;
const { O_WRONLY, O_NOFOLLOW, O_CREAT, O_EXCL } = fs.constants;
const now = Date.now;

/**
 * Takes a heap snapshot if crashmon has asked for one (src/agent/sessions/snapshot-request.ts), and the heap is as large as it
 * said. The app stands still meanwhile. The file has no name any more when its first byte is written: a process that is
 * killed leaves nothing.
 * @param {any} v8
 * @param {string} place in memory
 * @param {number} usedBytes
 */
function takeIfWanted(v8, place, usedBytes) {
  const wanted = read(`${place}/wanted`);
  if (wanted === null) return;
  const [atBytes, pid, startTicks, path] = wanted.split('\n');
  if (!(usedBytes >= Number(atBytes))) return;
  // The one that removes it acts: crashmon can take it back.
  unlink(`${place}/wanted`);
  const begunMs = now();
  let isTaken = false;
  try {
    // Nothing else would want it.
    isTaken = startTicksOf(pid) === startTicks && writeInto(v8, path);
  } finally {
    answer(place, isTaken ? `${now() - begunMs}` : 'failed');
  }
}

/** @returns was it written? */
function writeInto(/** @type {any} */ v8, /** @type {string} */ path) {
  const fd = open(path, O_WRONLY | O_NOFOLLOW);
  try {
    const stat = fstat(fd);
    if (!stat.isFile() || stat.size !== 0) return false;
    unlink(path);
    v8.writeHeapSnapshot(`/proc/self/fd/${fd}`);
    return true;
  } finally {
    close(fd);
  }
}

/** A reader finds all of it or nothing. */
function answer(/** @type {string} */ place, /** @type {string} */ text) {
  const temporary = `${place}/taken.tmp`;
  const fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o600);
  try {
    write(fd, text);
  } finally {
    close(fd);
  }
  rename(temporary, `${place}/taken`);
}

/** See proc_pid_stat(5); the name of the program before it can have any character. */
function startTicksOf(/** @type {string} */ pid) {
  const text = read(`/proc/${pid}/stat`);
  return text === null ? null : text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

function read(/** @type {string} */ path) {
  try {
    return readFile(path, 'utf8');
  } catch {
    return null;
  }
}

module.exports = { takeIfWanted };

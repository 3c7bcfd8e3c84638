// @ts-check
'use strict';
const fs = require('fs');
const toJson = require('./to-json.cjs');

/**
 * Makes this process the main worker of the run: the one that created `claim.json`. The claim of a process that has
 * ended is free again (`node build.js && node server.js`).
 * @param {string} dir
 */
function claimMainWorker(dir) {
  const file = `${dir}/claim.json`;
  const text = toJson(claim());
  try {
    writeNew(file, text);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') return false;
  }
  const holder = holderOf(file);
  if (holder === null || (holder !== process.pid && isAliveIn(holder, dir))) return false;
  // Two successors may both find the claim free: only one of them can create the marker.
  const marker = `${dir}/claim-after-${holder}.json`;
  writeNew(marker, text);
  fs.renameSync(marker, file);
  return holderOf(file) === process.pid;
}

/** @param {string} file @param {string} text */
function writeNew(file, text) {
  const fd = fs.openSync(file, 'wx', 0o600);
  try {
    fs.writeSync(fd, text);
  } finally {
    fs.closeSync(fd);
  }
}

/** Pid of the claim; null while a running process is still writing it. */
function holderOf(/** @type {string} */ file) {
  try {
    const pid = JSON.parse(fs.readFileSync(file, 'utf8')).pid;
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

/**
 * Is the pid still the process that was started with this probe directory? A reused pid
 * was not, and a zombie has no environment.
 * @param {number} pid
 * @param {string} dir
 */
function isAliveIn(pid, dir) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code !== 'ESRCH';
  }
  try {
    const initial = fs.readFileSync(`/proc/${pid}/environ`, 'latin1');
    const ours = `CRASHMON_PROBE_DIR=${Buffer.from(dir).toString('latin1')}\0`;
    return initial.startsWith(ours) || initial.indexOf(`\0${ours}`) !== -1;
  } catch (error) {
    return error.code !== 'ENOENT' && error.code !== 'ESRCH';
  }
}

/** See ClaimRecord in src/model/probe-record.ts. */
function claim() {
  return {
    v: 1,
    type: 'claim',
    pid: process.pid,
    runtime: 'node',
    version: process.version,
    mainScript: mainScript(),
    cwd: process.cwd(),
    evalSource: evalSource(),
    execPath: process.execPath,
    heapFlags: heapFlags(),
    atMs: Date.now(),
  };
}

/**
 * What determines the heap limit. Not the limit itself: the module v8, which knows it, takes 4 ms to load. It is needed
 * only after an out-of-memory crash; then the same Node with the same flags is asked.
 */
function heapFlags() {
  const words = process.execArgv.concat(String(process.env.NODE_OPTIONS || '').split(/\s+/));
  return words
    .filter((word) => /^--(max|min|initial)[-_][a-z_-]{1,30}[-_]size=\d{1,9}$/.test(word))
    .slice(0, 8);
}

function evalSource() {
  const source = /** @type {any} */ (process)._eval;
  return typeof source === 'string' ? source.slice(0, 65536) : null;
}

function mainScript() {
  if (process.argv[1] === undefined || evalSource() !== null) return null;
  try {
    return require.resolve(process.argv[1]);
  } catch {
    return process.argv[1];
  }
}

module.exports = { claimMainWorker };

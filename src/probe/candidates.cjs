// @ts-check
'use strict';
const stderrOffset = require('./record-files.cjs').stderrOffset;
const toJson = require('./to-json.cjs');
const describeThrown = require('./thrown-value.cjs').describeThrown;
// The app may put a fake clock in place of either.
const nowMs = Date.now;
const uptime = process.uptime;
const pid = process.pid;

const WINDOW_MS = 10000;
/** An app that survives its exceptions may have thousands: so many are described and written as they happen. */
const MAX_WRITTEN = 5;
const MAX_DESCRIBED = 50;

/**
 * Candidates of this process: CandidateRecords (src/model/probe-record.ts), written immediately or kept, the newest
 * only, until the process's end is decided.
 * @param {{add(text: string): void}} records where they are written
 */
function createCandidates(records) {
  const mayWrite = budget(MAX_WRITTEN);
  const mayDescribe = budget(MAX_DESCRIBED);
  /** @type {(() => object) | null} */
  let kept = null;

  function flush() {
    const make = kept;
    kept = null;
    if (make !== null) records.add(toJson(make()));
  }

  return {
    flush,
    /** Lives as long as these candidates, which Node's hooks refer to. @type {object | null} */
    companion: null,
    /** The process is ending: everything known is written, oldest first. */
    final(/** @type {object} */ fields) {
      const record = recordOf(fields);
      flush();
      records.add(toJson(timed(record)));
    },
    /**
     * Something was thrown.
     * @param {{event: string, appHandles: boolean}} fields
     * @param {unknown} value
     */
    thrown(fields, value) {
      const record = recordOf(fields);
      let described = false;
      const make = () => {
        if (!described) record.thrown = describeThrown(value);
        described = true;
        return record;
      };
      if (!fields.appHandles) {
        // Fatal as far as is known; the budget stops only an app that emits the event itself.
        make();
        flush();
        records.add(toJson(timed(record)));
        return;
      }
      if (mayDescribe()) make();
      kept = make;
      if (fields.event !== 'handled-rejection' && mayWrite()) flush();
    },
  };
}

/** @param {object} fields */
function recordOf(fields) {
  const record = {
    v: 1,
    type: 'candidate',
    pid,
    event: 'exit',
    atMs: nowMs(),
    uptimeS: uptime(),
    thrown: null,
    callerFrames: [],
    exitCode: null,
    appHandles: false,
    tookMs: null,
    stderrOffset: stderrOffset(),
  };
  return Object.assign(record, fields);
}

/** The crash waits for this record: how long is part of the report. */
function timed(/** @type {{uptimeS: number, tookMs: number | null}} */ record) {
  record.tookMs = Math.max(0, Math.round((uptime() - record.uptimeS) * 1e5) / 100);
  return record;
}

/** So many times in a window; a jump of the clock starts a new one. */
function budget(/** @type {number} */ times) {
  let left = times;
  let since = nowMs();
  return () => {
    const now = nowMs();
    if (now < since || now - since > WINDOW_MS) {
      since = now;
      left = times;
    }
    return left-- > 0;
  };
}

module.exports = { createCandidates };

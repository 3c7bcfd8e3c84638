// @ts-check
'use strict';
// Runs inside a worker before any code of the app (`NODE_OPTIONS=--require <here>`), on any Node that understands the
// flag. Two rules outrank everything in this folder: the app must not be able to detect the probe, and no failure of
// the probe may reach it. So every entry point swallows its own errors, built-ins are taken at load (the app may
// replace them later), and nothing is required after start (the modules leave the cache).

try {
  // Not in threads: when one is created, its environment no longer names a probe directory.
  start();
} catch {
  // No probe is better than a harmed worker. (Node's permission model, for one, lets us read nothing but this file.)
  // Its children must not take the place that it could not.
  delete process.env.CRASHMON_PROBE_DIR;
  delete process.env.CRASHMON_PROBE_FIFO;
}
try {
  require('./forget.cjs').forget(module, __dirname);
} catch {
  // Visible in require.cache then; nothing depends on it.
}

function start() {
  const dir = process.env.CRASHMON_PROBE_DIR;
  const fifo = process.env.CRASHMON_PROBE_FIFO;
  if (!dir && !fifo) return;
  const leaveOurEnvironment = require('./environment.cjs').leaveOurEnvironment;
  if (Number(process.version.slice(1).split('.')[0]) < 18) {
    leaveOurEnvironment(__filename);
    return;
  }
  // A wrapper's child is the worker: it needs the environment that we would take away.
  if (require('./wrappers.cjs').isWrapper()) return;
  leaveOurEnvironment(__filename);
  const records = dir ? filesOf(dir) : require('./record-fifo.cjs').createRecordFifo(fifo);
  if (records === null) return;

  const candidates = require('./candidates.cjs').createCandidates(records);
  require('./uncaught.cjs').watchUncaught(candidates);
  require('./emit-reads.cjs').watchEmitReads(candidates);
  require('./exits.cjs').watchExits(candidates);
  if (dir) candidates.companion = require('./heap-growth.cjs').watchHeapGrowth(dir);
}

/** Without the claim this is a sibling or descendant of the main worker: not observed, like its children. */
function filesOf(/** @type {string} */ dir) {
  if (!require('./claim.cjs').claimMainWorker(dir)) return null;
  return require('./record-files.cjs').createRecordFiles(dir);
}

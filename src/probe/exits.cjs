// @ts-check
'use strict';
const callSites = require('./call-sites.cjs');
const addMapped = require('./mapped-position.cjs').addMapped;
const apply = Reflect.apply;

/**
 * Records the caller of `process.exit(≠0)` or `process.abort()`. `process.exit` itself stays Node's: it
 * calls `process.reallyExit` through the process object after the last exit listener, and that is where tools
 * (signal-exit, nyc) have hooked in for a decade. Proxies keep name, length and identity of behavior.
 * @param {{flush(): void, final(fields: object): void}} candidates
 */
function watchExits(candidates) {
  const internals = /** @type {any} */ (process);
  internals.reallyExit = new Proxy(internals.reallyExit, {
    apply(target, self, args) {
      try {
        if (args[0]) candidates.final({ event: 'exit', exitCode: args[0], callerFrames: callerFrames() });
        else candidates.flush();
      } catch {
        // The process must end.
      }
      return apply(target, self, args);
    },
  });
  // Node prints the JavaScript stack of an abort. A trap that is looked up (and not there) leaves no frame in it.
  process.abort = new Proxy(process.abort, {
    get apply() {
      try {
        candidates.final({ event: 'abort', callerFrames: callerFrames() });
      } catch {
        // The process must abort.
      }
      return undefined;
    },
  });
}

/** Without our own frames, and those of other hooks between `process.exit` and ours. */
function callerFrames() {
  const sites = callSites.callSitesBelow(callerFrames, callSites.MAX_FRAMES + 10) || [];
  let first = 0;
  while (first < sites.length && String(sites[first].getFileName()).startsWith(`${__dirname}/`)) first++;
  for (let i = first; i < sites.length; i++) {
    const isExit = sites[i].getFunctionName() === 'exit';
    if (isExit && String(sites[i].getFileName()).startsWith('node:internal/process/')) first = i + 1;
  }
  const frames = callSites.framesOf(sites.slice(first));
  addMapped(frames);
  return frames;
}

module.exports = { watchExits };

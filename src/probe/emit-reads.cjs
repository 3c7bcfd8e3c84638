// @ts-check
'use strict';
/** The process object with what Node's types leave out. */
const internals = /** @type {any} */ (process);
const callSitesBelow = require('./call-sites.cjs').callSitesBelow;

/**
 * Two moments have no event that we could use unseen: a rejection is about to be handed to the app's own
 * `unhandledRejection` listeners, and the process ends because nothing is left to do. A listener of ours would be
 * counted, would make a rejection non-fatal that the app leaves fatal, and could be the one too many of an exit
 * listener warning; a wrapper around `process.emit` would stand in the stack of every error made in a listener of
 * the app's. But Node reads `process.emit` right before it emits, so the property becomes an accessor: reading it
 * returns the same function as before, and the reader shows what is about to happen.
 *
 * It sits on the process object's prototype, so `process` has no property more than before, and assigning
 * (signal-exit does) goes through it.
 * @param {{flush(): void, final(fields: object): void, thrown(fields: object, value: unknown): void}} candidates
 */
function watchEmitReads(candidates) {
  let emit = process.emit;
  let ending = false;
  let takeBack = () => {};
  const accessor = {
    get emit() {
      try {
        takeBack();
        if (internals._exiting === true && !ending) {
          ending = true;
          if (isCalledFromOutsideJavaScript(getter)) atNaturalEnd(candidates);
        } else if (internals._events.unhandledRejection !== undefined && isCalledToReport(getter)) {
          takeBack = listenOnce(candidates);
        }
      } catch {
        // The reader gets the function in any case.
      }
      return emit;
    },
    set emit(value) {
      emit = value;
    },
  };
  const descriptor = Object.getOwnPropertyDescriptor(accessor, 'emit');
  const getter = descriptor.get;
  const place = Object.getPrototypeOf(process);
  if (Object.hasOwn(process, 'emit')) return;
  Object.defineProperty(place, 'emit', Object.assign(descriptor, { enumerable: false }));
}

/** At a natural end Node emits `exit` from C++, with no JavaScript below. */
function isCalledFromOutsideJavaScript(getter) {
  const sites = callSitesBelow(getter, 1);
  return sites !== null && sites.length === 0;
}

/** The emitter of `unhandledRejection`, in every --unhandled-rejections mode of Node 18 to 26. */
function isCalledToReport(getter) {
  const sites = callSitesBelow(getter, 1);
  const site = sites === null ? undefined : sites[0];
  if (site === undefined || site.getFileName() !== 'node:internal/process/promises') return false;
  return /^emit$|UnhandledRejection/.test(site.getFunctionName() || '');
}

/**
 * Puts a listener before the app's for the emission that follows. It is gone before the first of theirs runs: neither a
 * count nor a `once` can see it, and `emit` answers what it would have. (A stack made in an only listener shows another
 * line of `node:events` than without us: there are two listeners for that moment.)
 */
function listenOnce(candidates) {
  const events = internals._events;
  const theirs = events.unhandledRejection;
  const withOurs = [ours].concat(theirs);
  const takeBack = () => {
    if (events.unhandledRejection === withOurs) events.unhandledRejection = theirs;
  };
  function ours(reason) {
    try {
      takeBack();
      candidates.thrown({ event: 'handled-rejection', appHandles: true }, reason);
    } catch {
      // No record then.
    }
  }
  events.unhandledRejection = withOurs;
  return takeBack;
}

/** The app's exit listeners may still change the code; a code that is set now is worth a record. */
function atNaturalEnd(candidates) {
  const exitCode = Number(process.exitCode);
  if (Number.isInteger(exitCode) && exitCode !== 0) candidates.final({ event: 'exit', exitCode });
  else candidates.flush();
}

module.exports = { watchEmitReads };

// @ts-check
'use strict';
const listenerCount = process.listenerCount;
const hasCaptureCallback = process.hasUncaughtExceptionCaptureCallback;

/**
 * A listener, because that is what Node offers for exactly this and because it leaves no frame in any stack of the
 * app's. It shows in `process.listenerCount('uncaughtExceptionMonitor')`, an event that an app has no reason to
 * count, and `process.removeAllListeners()` without an event removes it (then the app is not observed).
 * @param {{thrown(fields: object, value: unknown): void}} candidates
 */
function watchUncaught(candidates) {
  process.on('uncaughtExceptionMonitor', (value, origin) => {
    try {
      candidates.thrown(
        {
          event: origin === 'unhandledRejection' ? 'rejection' : 'uncaught',
          appHandles: listenerCount.call(process, 'uncaughtException') > 0 || hasCaptureCallback(),
        },
        value,
      );
    } catch {
      // No record then.
    }
  });
}

module.exports = { watchUncaught };

// @ts-check
'use strict';
const descriptorOf = Object.getOwnPropertyDescriptor;
const define = Object.defineProperty;
const ErrorClass = /** @type {any} */ (Error);

/**
 * Runs `work` while a property of Error has another value, and puts back exactly what was there, also its absence.
 * Answers undefined without running it where the property cannot be changed and put back without side effects.
 * @template T
 * @param {'prepareStackTrace' | 'stackTraceLimit'} key
 * @param {unknown} value
 * @param {() => T} work
 * @returns {T | undefined}
 */
function withErrorSetting(key, value, work) {
  const before = descriptorOf(ErrorClass, key);
  // The usual case; to define a property anew takes longer.
  if (before && before.writable) {
    ErrorClass[key] = value;
    try {
      return work();
    } finally {
      ErrorClass[key] = before.value;
    }
  }
  if (before ? !before.configurable || !('value' in before) : !Object.isExtensible(ErrorClass))
    return undefined;
  define(ErrorClass, key, { value, writable: true, enumerable: true, configurable: true });
  try {
    return work();
  } finally {
    if (before) define(ErrorClass, key, before);
    else delete ErrorClass[key];
  }
}

module.exports = { withErrorSetting };

// @ts-check
'use strict';
const quote = JSON.stringify;
const isArray = Array.isArray;
const keysOf = Object.keys;

/**
 * JSON of our own plain records. `JSON.stringify` would call a `toJSON` that the app put on Object.prototype or
 * Array.prototype; for a string it calls nothing.
 * @param {unknown} value
 * @returns {string}
 */
module.exports = function toJson(value) {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return Number.isFinite(value) ? `${value}` : 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value !== 'object' || value === null) return 'null';
  let text = '';
  if (isArray(value)) {
    for (let i = 0; i < value.length; i++) text += (i === 0 ? '' : ',') + toJson(value[i]);
    return `[${text}]`;
  }
  const keys = keysOf(value);
  for (let i = 0; i < keys.length; i++) {
    text += `${i === 0 ? '' : ','}${quote(keys[i])}:${toJson(value[keys[i]])}`;
  }
  return `{${text}}`;
};

// @ts-check
'use strict';
const fs = require('fs');

/**
 * Is a module that was required by `name` the one in `file`? Node resolves links before it loads.
 * @param {unknown} name
 * @param {string} file
 */
function isSameFile(name, file) {
  if (name === file) return true;
  try {
    return typeof name === 'string' && fs.realpathSync(name) === file;
  } catch {
    return false;
  }
}

module.exports = { isSameFile };

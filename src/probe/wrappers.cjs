// @ts-check
'use strict';
const fs = require('fs');
const { isWrapperScript } = require('./wrapper-script.cjs');

/** Is this process something that is not the app itself? */
function isWrapper() {
  const flags = process.execArgv;
  // Runs each test file as a child, which has NODE_TEST_CONTEXT. (`node --watch` and `--run` parents do not preload.)
  if (flags.includes('--test') && process.env.NODE_TEST_CONTEXT === undefined) return true;
  // One-shots in start scripts: `PORT=$(node -p …) node server.js`, `node --check server.js && …`.
  for (const flag of ['-p', '--print', '-pe', '-c', '--check']) if (flags.includes(flag)) return true;
  const code = /** @type {any} */ (process)._eval;
  // Beside the server of c8, nyc and others; its code does not even parse in 3.3.1, which would be the crash.
  if (typeof code === 'string' && code.includes('foreground-child watchdog')) return true;
  if (process.argv[1] === undefined || code !== undefined) return false;
  return isWrapperScript(realPath(process.argv[1]));
}

/** @param {string} file */
function realPath(file) {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}

module.exports = { isWrapper };

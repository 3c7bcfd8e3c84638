// @ts-check
'use strict';
const findSourceMap = require('module').findSourceMap;

/**
 * Adds the position in the source to frames of files that Node keeps a source map of, as loaders make it Node do. Only
 * small files that Node does not run as they are: others can be mapped after the crash, and maps take long to read.
 * @param {any[]} frames
 */
function addMapped(frames) {
  if (process.sourceMapsEnabled !== true) return;
  for (const frame of frames) {
    if (frame.scriptHash === undefined || !TRANSPILED.test(frame.file)) continue;
    try {
      const map = findSourceMap(frame.file);
      const entry = map && map.findEntry(frame.line - 1, frame.column - 1);
      const { originalSource, originalLine, originalColumn } = entry || {};
      if (typeof originalSource !== 'string' || typeof originalLine !== 'number') continue;
      frame.printed = { file: originalSource, line: originalLine + 1, column: originalColumn + 1 };
    } catch {
      // Without, then.
    }
  }
}

const TRANSPILED = /\.(?:[cm]?ts|[jt]sx)$/;

module.exports = { addMapped };

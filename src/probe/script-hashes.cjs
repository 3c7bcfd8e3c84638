// @ts-check
'use strict';
// The app may replace either later.
const stat = require('fs').statSync;
const FileUrl = URL;

/** V8 hashes some 100 KB a millisecond, and a crashing worker must not wait. */
const MAX_BYTES = 524288;

/**
 * Returns V8's hash (SHA-256) of the text that it compiled for a call's script, by which the analysis knows whether a
 * file on disk is that text; null if it would take too long, or before Node 20. The size of the file stands for
 * that of the text.
 */
function createHashes() {
  /** @type {Map<string, string | null>} */
  const known = new Map();
  let bytesLeft = MAX_BYTES;
  return (/** @type {any} */ site, /** @type {string | null} */ file) => {
    if (file === null || !(file.startsWith('/') || file.startsWith('file:'))) return null;
    let hash = known.get(file);
    if (hash !== undefined) return hash;
    hash = null;
    try {
      const { size } = stat(file.startsWith('/') ? file : new FileUrl(file));
      if (size <= bytesLeft && typeof site.getScriptHash === 'function') {
        bytesLeft -= size;
        const text = site.getScriptHash();
        if (/^[0-9a-f]{64}$/.test(text)) hash = text;
      }
    } catch {
      // No file of that name, or a frame of another kind: no hash.
    }
    known.set(file, hash);
    return hash;
  };
}

module.exports = { createHashes };

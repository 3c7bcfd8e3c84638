// @ts-check
'use strict';
const isSameFile = require('./same-file.cjs').isSameFile;

/**
 * Takes the modules of one folder out of what the app can enumerate: the cache and the children of the module that
 * loaded them, and the list of preloads.
 * @param {NodeModule} entry
 * @param {string} folder
 */
function forget(entry, folder) {
  const names = Object.keys(require.cache);
  for (let i = 0; i < names.length; i++) {
    if (names[i].startsWith(`${folder}/`)) delete require.cache[names[i]];
  }
  const parent = entry.parent;
  const index = parent && parent.children ? parent.children.indexOf(entry) : -1;
  if (index !== -1) parent.children.splice(index, 1);

  // A new array, because Node is iterating over the old one right now.
  const descriptor = Object.getOwnPropertyDescriptor(process, '_preload_modules');
  if (descriptor && descriptor.configurable && Array.isArray(descriptor.value)) {
    const at = descriptor.value.findIndex((name) => isSameFile(name, entry.filename));
    if (at === -1) return;
    descriptor.value = descriptor.value.filter((_, i) => i !== at);
    Object.defineProperty(process, '_preload_modules', descriptor);
  }
}

module.exports = { forget };

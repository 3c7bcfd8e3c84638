// Usage: node missing-packages.cjs <folder> <production|all>
// Prints what has to be installed so that node_modules is what package-lock.json says: nothing, `production` or `all`.
// Installed development dependencies stay: `production` then means `all`. Plain JavaScript for any Node.js, since it runs
// before Node 24 is installed.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

/** @param {string} file @returns {Record<string, any>} */
function packagesIn(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).packages ?? {};
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

/** @param {string | string[] | undefined} allowed @param {string} value */
const allows = (allowed, value) => allowed === undefined || [allowed].flat().includes(value);

/** @param {string} folder @param {string} wanted */
function missingPackages(folder, wanted) {
  const locked = packagesIn(path.join(folder, 'package-lock.json'));
  // npm's record of what it installed.
  const installed = packagesIn(path.join(folder, 'node_modules', '.package-lock.json'));
  const keepsDev = Object.values(installed).some((entry) => entry.dev);

  const isMissing = ([place, entry]) => {
    if (place === '') return false;
    // npm silently omits optional packages. Only those for this processor are certainly needed; npm decides by C library.
    if (entry.optional || entry.devOptional) {
      if (
        !entry.cpu ||
        entry.libc ||
        !allows(entry.cpu, process.arch) ||
        !allows(entry.os, process.platform)
      ) {
        return false;
      }
    }
    return (
      installed[place]?.version !== entry.version ||
      installed[place]?.integrity !== entry.integrity ||
      !fs.existsSync(path.join(folder, place, 'package.json'))
    );
  };
  const missing = Object.entries(locked).filter(isMissing);
  const missingProduction = missing.filter(([, entry]) => !entry.dev);
  if (wanted === 'all') return missing.length > 0 ? 'all' : '';
  if (missingProduction.length === 0) return '';
  return keepsDev ? 'all' : 'production';
}

process.stdout.write(missingPackages(process.argv[2] ?? '', process.argv[3] ?? ''));

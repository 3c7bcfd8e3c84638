// Usage: node missing-packages.cjs <folder> <production|all>
// Prints what has to be installed so that node_modules is what package-lock.json says: nothing, `production` or `all`.
// Development dependencies that somebody installed stay: then it is `all` even where `production` was asked for.
// Plain JavaScript for any Node.js, since it runs before Node 24 is there.
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
  // npm's own note of what it put there.
  const installed = packagesIn(path.join(folder, 'node_modules', '.package-lock.json'));
  const keepsDev = Object.values(installed).some((entry) => entry.dev);

  const isMissing = ([place, entry]) => {
    if (place === '') return false;
    // npm leaves optional packages out without a word. Only those made for this processor are sure to be wanted here;
    // which C library there is remains npm's business.
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

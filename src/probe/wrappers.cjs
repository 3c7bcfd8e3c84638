// @ts-check
'use strict';
const fs = require('fs');
const path = require('path');

const STARTS = 'starts the worker as a child';
const READS = 'reads the output of a worker: `node server.js | pino-pretty`';

/**
 * Packages whose command is not the app. The value says why; a pattern names scripts of the package that do run the
 * app in their own process.
 * @type {Record<string, [string, RegExp?]>}
 */
const WRAPPERS = {
  npm: [STARTS],
  npx: [STARTS],
  pnpm: [STARTS],
  '@pnpm/exe': [STARTS],
  yarn: [STARTS],
  '@yarnpkg/cli': [STARTS],
  '@yarnpkg/cli-dist': [STARTS],
  corepack: [STARTS],
  'npm-run-all': [STARTS],
  'npm-run-all2': [STARTS],
  concurrently: [STARTS],
  wireit: [STARTS],
  turbo: [STARTS],
  nx: [STARTS],
  lerna: [STARTS],
  '@microsoft/rush': [STARTS],
  'start-server-and-test': [STARTS],
  'cross-env': [STARTS],
  'env-cmd': [STARTS],
  'dotenv-cli': [STARTS],
  '@dotenvx/dotenvx': [STARTS],
  '@dotenv-run/cli': [STARTS],
  nodemon: [STARTS],
  'node-dev': [STARTS],
  'ts-node-dev': [STARTS, /\/wrap\.js$/],
  'tsc-watch': [STARTS],
  onchange: [STARTS],
  'chokidar-cli': [STARTS],
  supervisor: [STARTS],
  foreman: [STARTS],
  forever: [STARTS],
  'forever-monitor': [STARTS],
  pm2: [STARTS, /\/ProcessContainer\w*\.js$/],
  tsx: [STARTS],
  esno: [STARTS],
  '@babel/node': [STARTS, /\/_babel-node\.js$/],
  '@nestjs/cli': [STARTS],
  'react-scripts': [STARTS],
  nyc: [STARTS],
  c8: [STARTS],
  '0x': [STARTS],
  clinic: [STARTS],
  autocannon: ['measures a worker, or starts one as a child'],
  'pino-pretty': [READS],
  'pino-colada': [READS],
  'pino-elasticsearch': [READS],
  'pino-socket': [READS],
  bunyan: [READS],
  'roarr-cli': [READS],
  '@roarr/cli': [READS],
};

/** Yarn as a single file inside the app's own repository: the nearest package.json is the app's. */
const YARN_RELEASE = /\/\.yarn\/releases\/yarn-[^/]*\.[cm]?js$/;

/** Is this process something that is not the app itself? */
function isWrapper() {
  const flags = process.execArgv;
  // Runs each test file as a child, which has NODE_TEST_CONTEXT. (`node --watch` and `--run` parents do not preload.)
  if (flags.includes('--test') && process.env.NODE_TEST_CONTEXT === undefined) return true;
  // One-shots in start scripts: `PORT=$(node -p …) node server.js`, `node --check server.js && …`.
  for (const flag of ['-p', '--print', '-pe', '-c', '--check']) if (flags.includes(flag)) return true;
  if (process.argv[1] === undefined || /** @type {any} */ (process)._eval !== undefined) return false;
  return isWrapperScript(realPath(process.argv[1]));
}

/** @param {string} script */
function isWrapperScript(script) {
  if (YARN_RELEASE.test(script)) return true;
  const name = packageName(script);
  if (name === null || !Object.hasOwn(WRAPPERS, name)) return false;
  const runsTheApp = WRAPPERS[name][1];
  return runsTheApp === undefined || !runsTheApp.test(script);
}

/**
 * Name in the nearest package.json that has one; files without a name only say `"type"`.
 * @param {string} script
 */
function packageName(script) {
  let folder = path.dirname(script);
  for (let depth = 0; depth < 16; depth++) {
    try {
      const name = JSON.parse(fs.readFileSync(`${folder}/package.json`, 'utf8')).name;
      if (typeof name === 'string') return name;
    } catch {
      // None here.
    }
    const parent = path.dirname(folder);
    if (parent === folder) return null;
    folder = parent;
  }
  return null;
}

/** @param {string} file */
function realPath(file) {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}

module.exports = { isWrapper, isWrapperScript };

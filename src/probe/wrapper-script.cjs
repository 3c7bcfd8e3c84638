// @ts-check
// The one table of wrappers: bundled into the probe, and imported by src/worker/main-process.ts.
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

/** As corepack keeps the package managers that it has fetched. */
const COREPACK = /\/corepack\/(?:v\d+\/)?(?:npm|pnpm|yarn)\/\d[^/]*\//;

/** The package that a file belongs to by its place; Debian keeps packages in /usr/share/nodejs. */
const PACKAGE = /^.*\/(?:node_modules|usr\/share\/nodejs)\/((?:@[^/]+\/)?[^/]+)\//;

/** Larger than any package.json of a wrapper. */
const MAX_PACKAGE_BYTES = 1024 * 1024;

/**
 * Is a script a wrapper's? It is if it lies in the folder where the wrapper is installed, or if it is the command of a
 * package of that name. An app that is called like a wrapper, or lies in a folder of that name, is none.
 * @param {string} script absolute, without links
 */
function isWrapperScript(script) {
  if (YARN_RELEASE.test(script) || COREPACK.test(script)) return true;
  const match = PACKAGE.exec(script);
  const name = match === null ? commandOf(script) : match[1];
  if (name === undefined || !Object.hasOwn(WRAPPERS, name)) return false;
  const runsTheApp = WRAPPERS[name][1];
  return runsTheApp === undefined || !runsTheApp.test(script);
}

/**
 * Name of the package whose command a script is (`/opt/yarn-v1.22.22/bin/yarn.js`), by the nearest package.json that
 * has a name; files without one only say `"type"`.
 * @param {string} script
 * @returns {string | undefined}
 */
function commandOf(script) {
  let folder = path.dirname(script);
  for (let depth = 0; depth < 16; depth++) {
    const { name, bin } = readPackage(`${folder}/package.json`);
    if (typeof name === 'string') {
      const files = typeof bin === 'object' && bin !== null ? Object.values(bin) : [bin];
      const isCommand = files.some(
        (file) => typeof file === 'string' && path.resolve(folder, file) === script,
      );
      return isCommand ? name : undefined;
    }
    const parent = path.dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
  return undefined;
}

/**
 * Never waits and never reads without end: other users may put a FIFO or a link to a device above the app.
 * @param {string} file
 * @returns {{ name?: unknown, bin?: unknown }}
 */
function readPackage(file) {
  let fd;
  try {
    // Before the open as well, which does something to some devices.
    // An exception takes longer than all else here.
    const found = fs.statSync(file, { throwIfNoEntry: false });
    if (found === undefined || !found.isFile()) return {};
    fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    const { size } = fs.fstatSync(fd);
    if (size > MAX_PACKAGE_BYTES) return {};
    const bytes = Buffer.alloc(size);
    const value = JSON.parse(bytes.toString('utf8', 0, fs.readSync(fd, bytes, 0, size, 0)));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

module.exports = { isWrapperScript };

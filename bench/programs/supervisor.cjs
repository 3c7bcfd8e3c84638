'use strict';
// A minimal supervisor: starts its worker, and restarts it at once if it failed.
const { spawn } = require('node:child_process');

const [file = '', ...args] = process.argv.slice(2);

function start() {
  spawn(file, args, { stdio: 'inherit' }).on('exit', (code) => {
    if (code !== 0) start();
  });
}

start();

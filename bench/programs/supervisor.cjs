'use strict';
// The least that a supervisor can be: starts its worker, and starts it again at once when it did not end well.
const { spawn } = require('node:child_process');

const [file = '', ...args] = process.argv.slice(2);

function start() {
  spawn(file, args, { stdio: 'inherit' }).on('exit', (code) => {
    if (code !== 0) start();
  });
}

start();

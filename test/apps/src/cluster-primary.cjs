// A primary whose workers die: it lives on and ends well (`lives`), or is ended by the last one (`dies`).
const cluster = require('node:cluster');

function serveInWorker() {
  throw new RangeError('a worker of the cluster dies');
}

function superviseWorkers() {
  if (process.argv[2] === 'dies') throw new TypeError('the primary dies');
}

if (cluster.isPrimary) {
  let left = 3;
  cluster.setupPrimary({ silent: true });
  cluster.on('exit', (_, code) => {
    console.log('a worker ended with', code);
    if (--left > 0) cluster.fork();
    else superviseWorkers();
  });
  cluster.fork();
} else {
  setImmediate(serveInWorker);
}

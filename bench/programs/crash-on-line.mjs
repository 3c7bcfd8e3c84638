// A process that ends by a signal once it reads a line.
console.log('ready');
process.stdin.once('data', () => process.kill(process.pid, 'SIGSEGV'));

// winston catches what no other code does: `exits` (its default) or `lives` (exitOnError: false).
const winston = require('winston');

const print = winston.format.printf(({ level, message, trace }) => JSON.stringify({ level, message, trace }));
const logger = winston.createLogger({
  format: print,
  exitOnError: process.argv[2] === 'exits',
  transports: [new winston.transports.Console({ handleExceptions: true, handleRejections: true })],
});

function fail() {
  throw new TypeError('no such article');
}

logger.info('ready');
setImmediate(process.argv[3] === 'rejects' ? async () => fail() : fail);
setTimeout(() => logger.info('still here'), 50);

// As pino's documentation has it: log what was fatal, then exit. `transport` writes from a thread of its own.
const pino = require('pino');
const transport =
  process.argv[3] === 'transport'
    ? pino.transport({ target: 'pino/file' })
    : pino.destination({ sync: true });
const logger = pino({ base: null, timestamp: false }, transport);

for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => {
    logger.fatal(error, event);
    process.exit(1);
  });
}

function fail() {
  throw new TypeError('no such article', { cause: new Error('the reason') });
}

logger.info('ready');
setImmediate(process.argv[2] === 'rejects' ? async () => fail() : fail);

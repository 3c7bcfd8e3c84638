// Sentry as its documentation has it: first of all modules, with all default integrations.
const Sentry = require('@sentry/node');
Sentry.init({ dsn: process.env.SENTRY_DSN, includeLocalVariables: process.argv[3] === 'with-locals' });

function priceOf(article) {
  const tax = 0.2;
  return article.price * (1 + tax);
}

async function load(id) {
  await null;
  throw new RangeError(`nothing at ${id}`, { cause: new Error('the reason') });
}

const ways = {
  throws: () => setImmediate(() => priceOf(undefined)),
  'throws-text': () =>
    setImmediate(() => {
      throw 'only text';
    }),
  rejects: () => void load(7),
  async captures() {
    for (const fail of [() => priceOf(undefined), () => load(8)]) {
      try {
        await fail();
      } catch (error) {
        Sentry.captureException(error);
      }
    }
    console.log(await Sentry.flush(5000));
  },
  exits: () => process.exit(3),
};
ways[process.argv[2]]();

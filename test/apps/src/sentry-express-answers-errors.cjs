// Sentry's error handler of Express: what fails is reported and answered.
const Sentry = require('@sentry/node');
Sentry.init({ dsn: process.env.SENTRY_DSN, tracesSampleRate: 0 });
const ask = require('./ask.cjs');
const app = require('./express-app.cjs')((app) => Sentry.setupExpressErrorHandler(app));

const server = app.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  for (const path of ['/throws', '/passes-on', '/article/x']) console.log(await ask(port, path));
  console.log(await Sentry.flush(5000));
  if (process.argv[2] === 'dies') ask(port, '/dies').catch(() => {});
  else server.close();
});

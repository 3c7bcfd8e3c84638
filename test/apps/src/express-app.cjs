// An Express app as they are written: routes that fail in every usual way, and middleware that answers for them.
const express = require('express');

function priceOf(article) {
  if (article === undefined) throw new TypeError('no such article');
  return article.price;
}

async function load(id) {
  await null;
  throw Object.assign(new RangeError(`nothing at ${id}`), { status: 404 });
}

/** @param {(app: import('express').Express) => void} [between] what comes after the routes, before the answers */
module.exports = function createApp(between = () => {}) {
  const app = express();
  app.get('/', (_, response) => response.json({ ok: true }));
  app.get('/throws', () => priceOf(undefined));
  app.get('/rejects', async () => load(7));
  app.get('/passes-on', (_, __, next) => next(new Error('passed on')));
  app.get('/throws-text', () => {
    throw 'only text';
  });
  app.get('/fails-late', (_, response) => {
    response.write('begun ');
    throw new Error('after the head was sent');
  });
  app.param('id', () => {
    throw new SyntaxError('not a number');
  });
  app.get('/article/:id', () => {});
  app.get('/dies', () => setImmediate(() => priceOf(undefined)));
  app.get('/dies-of-rejection', () => void load(8));
  between(app);
  app.use((error, request, response, next) => {
    if (request.query.plain !== undefined || response.headersSent) return next(error);
    response.status(error.status ?? 500).json({ error: String(error), stack: error.stack });
  });
  return app;
};

import fastify from 'fastify';

function priceOf(article) {
  if (article === undefined) throw new TypeError('no such article');
  return article.price;
}

async function load(id) {
  await null;
  throw Object.assign(new RangeError(`nothing at ${id}`), { statusCode: 404 });
}

export function createApp() {
  const app = fastify({ logger: { base: null, timestamp: false } });
  app.setErrorHandler((error, request, reply) => {
    if (request.query.plain !== undefined) throw error;
    request.log.warn(error);
    return reply.code(error.statusCode ?? 500).send({ error: String(error) });
  });
  app.addHook('onError', async (request, _, error) => request.log.info({ hook: error.message }));
  app.get('/', async () => ({ ok: true }));
  app.get('/throws', () => priceOf(undefined));
  app.get('/rejects', async () => load(7));
  app.get('/sends', (_, reply) => reply.send(new Error('sent')));
  app.get(
    '/article/:id',
    { schema: { params: { type: 'object', properties: { id: { type: 'integer' } } } } },
    async () => 1,
  );
  app.get('/dies', (_, reply) => {
    setImmediate(() => priceOf(undefined));
    return reply;
  });
  app.get('/dies-of-rejection', (_, reply) => {
    load(8);
    return reply;
  });
  return app;
}

// Every route fails, every request is answered, no worker dies. `?plain` takes Fastify's own answer.
import ask from './ask.cjs';
import { createApp } from './fastify-app.mjs';

const app = createApp();
await app.listen({ port: 0, host: '127.0.0.1' });
const { port } = app.server.address();
for (const path of ['/', '/throws', '/rejects', '/sends', '/article/x', '/nowhere']) {
  console.log(await ask(port, path));
  console.log(await ask(port, `${path}?plain`));
}
await app.close();

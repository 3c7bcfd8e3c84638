// A route fails where no error handler can catch it.
import ask from './ask.cjs';
import { createApp } from './fastify-app.mjs';

const app = createApp();
await app.listen({ port: 0, host: '127.0.0.1' });
const { port } = app.server.address();
console.log(await ask(port, '/throws'));
ask(port, process.argv[2] === 'rejection' ? '/dies-of-rejection' : '/dies').catch(() => {});

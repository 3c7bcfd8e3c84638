// A route fails where no middleware can catch it.
const ask = require('./ask.cjs');
const app = require('./express-app.cjs')();

const server = app.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  console.log(await ask(port, '/throws'));
  ask(port, process.argv[2] === 'rejection' ? '/dies-of-rejection' : '/dies');
});

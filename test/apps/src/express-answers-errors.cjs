// Every route fails, every request is answered, no worker dies. `?plain` takes Express' own error page and log.
const ask = require('./ask.cjs');
const app = require('./express-app.cjs')();

const server = app.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  for (const path of ['/', '/throws', '/rejects', '/passes-on', '/throws-text', '/article/x', '/nowhere']) {
    console.log(await ask(port, path));
    console.log(await ask(port, `${path}?plain`));
  }
  console.log(await ask(port, '/fails-late').catch((error) => error.code));
  server.close();
});

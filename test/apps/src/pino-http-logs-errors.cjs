// pino-http in front of a server whose requests fail: logged, answered, alive.
const http = require('node:http');
const pinoHttp = require('pino-http');
const ask = require('./ask.cjs');

const log = pinoHttp({
  base: null,
  timestamp: false,
  serializers: { req: (req) => req.url, res: (res) => res.statusCode },
});
const server = http.createServer((request, response) => {
  log(request, response);
  try {
    throw new RangeError('out of stock');
  } catch (error) {
    response.err = error;
    response.statusCode = 500;
    response.end(error.message);
  }
});
server.listen(0, '127.0.0.1', async () => {
  console.log(await ask(server.address().port, '/order'));
  server.close();
});

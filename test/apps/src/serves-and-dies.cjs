// A server that crashes on a request.
const http = require('node:http');
const ask = require('./ask.cjs');

function placeOrder(cart) {
  return cart.items.length;
}

const server = http.createServer((_, response) => setImmediate(() => response.end(placeOrder(undefined))));
server.listen(0, '127.0.0.1', () => ask(server.address().port, '/order', 'POST').catch(() => {}));

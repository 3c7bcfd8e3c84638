import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkOut, readOrder } from './cart.ts';
import { allProducts } from './catalog.ts';
import { shopPage } from './page.ts';

const BODY_LIMIT = 64 * 1024;

const server = createServer(handleRequest);
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`shop listening on http://127.0.0.1:${port}\n`);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close();
    server.closeIdleConnections();
  });
}

function handleRequest(request: IncomingMessage, response: ServerResponse): void {
  switch (`${request.method} ${request.url}`) {
    case 'GET /':
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(shopPage(allProducts()));
      break;
    case 'GET /products':
      sendJson(response, 200, allProducts());
      break;
    case 'GET /health':
      sendJson(response, 200, { ok: true, pid: process.pid });
      break;
    case 'POST /cart':
      readBody(request, (body) => handleCart(body, response));
      break;
    default:
      sendJson(response, 404, { error: 'Not found.' });
  }
}

function handleCart(body: string, response: ServerResponse): void {
  const order = readOrder(body);
  if (typeof order === 'string') {
    sendJson(response, 400, { error: order });
    return;
  }
  checkOut(order, (receipt) => sendJson(response, 200, receipt));
}

function readBody(request: IncomingMessage, done: (body: string) => void): void {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => {
    body += chunk;
    if (body.length > BODY_LIMIT) request.destroy();
  });
  request.on('end', () => done(body));
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(value)}\n`);
}

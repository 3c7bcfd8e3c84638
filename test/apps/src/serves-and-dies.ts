// The same in TypeScript, started as it is or bundled with a source map.
import http from 'node:http';
import type { AddressInfo } from 'node:net';

type Cart = {
  items: string[];
};

interface Shop {
  open: boolean;
}

const shop: Shop = { open: true };

function placeOrder(cart: Cart | undefined): number {
  return (cart as Cart).items.length;
}

const server = http.createServer((_, response) => {
  setImmediate(() => response.end(String(shop.open && placeOrder(undefined))));
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  http.get({ port, host: '127.0.0.1', agent: false }).on('error', () => {});
});

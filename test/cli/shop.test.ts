import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { bundleShop } from '../../examples/shop/build.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { freePort } from '../support/free-port.ts';
import { nodeBinaries } from '../support/node-versions.ts';
import { type RunningProgram, startProgram } from '../support/run-program.ts';

const SERVER = path.join(CHECKOUT, 'examples/shop/dist/server.js');

test('the committed bundle is what the sources give', async () => {
  const files = await bundleShop();
  assert.equal(files.length, 2);
  for (const { path: file, text } of files) {
    assert.equal(await readFile(file, 'utf8'), text, `${file} is out of date: npm run build:example`);
  }
});

async function startShop(node: string, port = 0): Promise<{ shop: RunningProgram; url: string }> {
  const shop = startProgram(node, [SERVER], { env: { PORT: String(port) } });
  const [, url = ''] = await shop.waitForLine('stdout', /^shop listening on (http:\/\/127\.0\.0\.1:\d+)$/);
  return { shop, url };
}

const order = (coupon?: string) => ({
  method: 'POST',
  body: JSON.stringify({ email: 'jane.doe@example.com', items: ['kettle', 'cup'], coupon }),
});

for (const { version, path: node } of nodeBinaries()) {
  test(`Node ${version}: serves, stops at SIGTERM, and crashes on an unknown coupon`, async () => {
    {
      const port = await freePort();
      const { shop, url } = await startShop(node, port);
      await using _ = shop;
      assert.equal(url, `http://127.0.0.1:${port}`);
      assert.match(await (await fetch(url)).text(), /<h1>The tea shop/);
      assert.equal((await fetch(`${url}/health`)).status, 200);
      assert.equal((await fetch(`${url}/nothing`)).status, 404);
      assert.equal((await fetch(`${url}/cart`, { method: 'POST', body: '{"items":[]}' })).status, 400);
      const products = await (await fetch(`${url}/products`)).json();
      assert.ok(Array.isArray(products) && products.length > 0);
      const receipt = await (await fetch(`${url}/cart`, order('WELCOME10'))).json();
      assert.deepEqual(receipt, { email: 'jane.doe@example.com', totalCents: 4_590 });
      shop.kill('SIGTERM');
      assert.equal((await shop.exited).code, 0);
    }
    const { shop, url } = await startShop(node);
    await using _ = shop;
    await assert.rejects(fetch(`${url}/cart`, order('SPRING50')));
    const { code, stderr } = await shop.exited;
    assert.equal(code, 1);
    assert.match(stderr, /Error: cannot price the order of jane\.doe@example\.com with coupon SPRING50/);
  });
}

import type { Product } from './catalogue.ts';

export function shopPage(products: readonly Product[]): string {
  const rows = products.map(
    (product) => `<li>${product.name}: ${(product.priceCents / 100).toFixed(2)} €</li>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>The tea shop</title>
<style>body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }</style>
<h1>The tea shop</h1>
<ul>${rows.join('')}</ul>
<p>Order with <code>POST /cart</code>: <code>{"email": "…", "items": ["kettle"], "coupon": "WELCOME10"}</code>.</p>
</html>
`;
}

import type { Product } from './catalog.ts';

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
<form>
<p><label>Your email address <input name="email" value="you@example.org"></label></p>
<p><label>Coupon <input name="coupon" value="WELCOM10"></label> (WELCOME10 exists)</p>
<p><button>Order a kettle</button> <output></output></p>
</form>
<script type="module">${ORDER_SCRIPT}</script>
</html>
`;
}

const ORDER_SCRIPT = `
const form = document.querySelector('form');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { email, coupon } = Object.fromEntries(new FormData(form));
  const body = JSON.stringify({ email, items: ['kettle'], coupon: coupon || undefined });
  const output = document.querySelector('output');
  try {
    const answer = await (await fetch('/cart', { method: 'POST', body })).json();
    output.value = answer.error ?? (answer.totalCents / 100).toFixed(2) + ' €, thank you.';
  } catch {
    output.value = 'The shop does not answer.';
  }
});
`;

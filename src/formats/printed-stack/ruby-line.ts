import { call, type PrintedCall } from './printed-call.ts';

/**
 * `/srv/shop/cart.rb:12:in 'Shop::Cart#total'` (a backtick before the name until Ruby 3.3) and what follows it. A file that is
 * a part of Ruby stands in `<internal:…>`. The bottom of an enumerator has no line: `cart.rb:in 'each'`.
 */
export function rubyLine(text: string): { call: PrintedCall; rest: string } | null {
  const at = text.indexOf(':in ');
  if (at < 0) return null;
  const [, line] = /:(\d{1,7})$/.exec(text.slice(0, at)) ?? [];
  const [, name, rest] = /^:in [`']([^`']{1,200})'(.*)$/.exec(text.slice(at)) ?? [];
  if (name === undefined || rest === undefined) return null;
  const file = text.slice(0, line === undefined ? at : at - line.length - 1);
  return { call: call(name, /^<internal:(\/.+)>$/.exec(file)?.[1] ?? file, line), rest };
}

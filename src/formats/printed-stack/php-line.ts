import { call, type PrintedCall } from './printed-call.ts';

/** `#0 /srv/shop/cart.php(12): Shop\Cart->total(…)`: the place is the caller's, and the arguments are left behind. */
export function phpLine(line: string): { number: number; call: PrintedCall } | null {
  const [, number, numbered = ''] = /^#(\d{1,5}) (.+)$/.exec(line) ?? [];
  if (number === undefined) return null;
  if (numbered === '{main}') return { number: Number(number), call: call(numbered, null) };
  const text = numbered.replace(EVALUATED, '');
  const at = text.indexOf(': ');
  const name = at < 0 ? '' : nameOf(text.slice(at + 2));
  if (name === '' || /\s/.test(name)) return null;
  const [, place] = /\((\d{1,7})\)$/.exec(text.slice(0, at)) ?? [];
  if (place === undefined && !text.startsWith('[internal function]')) return null;
  const file = place === undefined ? null : text.slice(0, at - place.length - 2);
  return { number: Number(number), call: call(name, file, place) };
}

/** `… in /srv/shop/Cart.php:12` and `… in /srv/shop/Cart.php on line 12`; without a file, PHP says `Unknown` or `[no active file]`. */
export function phpPlace(line: string): { file: string | null; line: number | null; at: number } | null {
  const at = line.lastIndexOf(' in ');
  if (at < 0) return null;
  const [, text = '', number] = /^(.{1,1000})(?::| on line )(\d{1,7})$/.exec(line.slice(at + 4)) ?? [];
  if (number === undefined) return null;
  const [, file = text, evaluated] =
    /^(.+?)\((\d{1,7})\) : (?:eval\(\)'d code|runtime-created function)/.exec(text) ?? [];
  if (number === '0' || file === 'Unknown') return { file: null, line: null, at };
  return { file, line: Number(evaluated ?? number), at };
}

/** `cart.php(3) : eval()'d code(1)` is line 3 of the file. */
const EVALUATED = /(?<=\(\d{1,7}\))(?: : (?:eval\(\)'d code|runtime-created function)\(\d{1,7}\))+/;

/** Until the argument list. `{closure:Shop\Cart::total():12}` (since PHP 8.4) contains one. */
function nameOf(text: string): string {
  const open = text.indexOf('(');
  const closure = text.indexOf('{closure:');
  if (closure >= 0 && closure < open) return `${text.slice(0, closure)}{closure}`;
  return open < 0 ? '' : text.slice(0, open);
}

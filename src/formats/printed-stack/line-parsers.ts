import { phpLine } from './php-line.ts';
import { call, type LineParser } from './printed-call.ts';
import { rubyLine } from './ruby-line.ts';

export const LANGUAGES = ['nodejs', 'python', 'java', 'go', 'dotnet', 'ruby', 'php'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Lines are bounded by the caller; each pattern is anchored and looks at a character once or twice. */
export const LINE_PARSERS: Readonly<Record<Language, LineParser>> = {
  /** `    at Cart.total (/srv/shop/cart.js:12:7)` and `    at /srv/shop/cart.js:12:7` (V8); ` {` where properties follow */
  nodejs(line) {
    const text = afterAt(line)?.replace(/ \{$/, '') ?? null;
    if (text === null) return null;
    const open = text.endsWith(')') ? text.lastIndexOf(' (') : -1;
    const place = open < 0 ? text : text.slice(open + 2, -1);
    const name = open < 0 ? null : text.slice(0, open);
    const [, lineNumber, column] = /:(\d{1,7}):(\d{1,7})$/.exec(place) ?? [];
    if (lineNumber !== undefined) {
      return call(name, place.slice(0, -`:${lineNumber}:${column}`.length), lineNumber, column);
    }
    return name !== null && (place === 'native' || place === '<anonymous>') ? call(name, place) : null;
  },

  /** `  File "/srv/shop/cart.py", line 12, in total` */
  python(line) {
    const text = line.trimStart();
    const end = text.lastIndexOf('", line ');
    if (!text.startsWith('File "') || end < 0) return null;
    const [, lineNumber, name] = /^", line (\d{1,7})(?:, in (.+))?$/.exec(text.slice(end)) ?? [];
    return lineNumber === undefined ? null : call(name ?? null, text.slice(6, end), lineNumber);
  },

  /** `\tat com.shop.Cart.total(Cart.java:12)` */
  java(line) {
    const [name, inside] = nameAndBrackets(line);
    const [, file, lineNumber] =
      /^([\w$.-]+\.(?:java|kts?|scala|groovy|clj[cx]?))(?::(\d{1,7}))?$/.exec(inside) ?? [];
    if (name === '' || (file === undefined && !JAVA_PLACES.has(inside))) return null;
    // `java.base/java.util.List.of`: the module is no part of the name; a hidden class has its address there.
    const start = /\/0x[0-9a-f]+\./.test(name) ? 0 : name.lastIndexOf('/') + 1;
    return call(name.slice(start), file ?? null, lineNumber);
  },

  /** `main.(*Cart).Total(0xc000012345, …)` above `\t/srv/shop/cart.go:12 +0x1d` */
  go(line, next) {
    const [, file, lineNumber] =
      /^\t(.{1,300}\.(?:go|s)):(\d{1,7})(?: \+0x[0-9a-f]{1,16})?$/.exec(next) ?? [];
    if (file === undefined) return null;
    const created = line.startsWith('created by ');
    const name = created ? (line.slice(11).split(' ')[0] ?? '') : line.slice(0, line.lastIndexOf('('));
    return /^[\w./*()[\]-]+$/.test(name) ? call(name, file, lineNumber) : null;
  },

  /**
   * `   at Shop.Cart.Total(Int32 id) in /srv/shop/Cart.cs:line 12`;
   * `  at Shop.Cart.Total (System.Int32 id) [0x00012] in /srv/shop/Cart.cs:12 ` (Mono, `<mvid>:0` without symbols)
   */
  dotnet(line) {
    const text = afterAt(line.trimEnd());
    if (text === null) return null;
    const inFile = text.lastIndexOf(' in ');
    const [place = '', file, lineNumber] =
      inFile < 0 ? [] : (/^(.{1,500}):(?:line )?(\d{1,7})$/.exec(text.slice(inFile + 4)) ?? []);
    const signature = (place === '' ? text : text.slice(0, inFile)).replace(/ \[0x[0-9a-f]{1,8}\]$/, '');
    const name = signature.slice(0, signature.indexOf('(')).trimEnd();
    if (name === '' || name.includes(' ') || !signature.endsWith(')')) return null;
    return file?.startsWith('<') ? call(name, null) : call(name, file ?? null, lineNumber);
  },

  /** `/srv/shop/cart.rb:12:in 'Shop::Cart#total'`, with `from` before all but the first */
  ruby(line) {
    const found = rubyLine(line.trimStart().replace(/^from /, ''));
    return found === null || (found.rest !== '' && !found.rest.startsWith(':')) ? null : found.call;
  },

  /**
   * `#0 /srv/shop/cart.php(12): Shop\Cart->total()`, where the place is the caller's, and `#1 {main}`;
   * ` at Shop.Cart.total(cart.php:12)` (OpenTelemetry)
   */
  php(line) {
    if (line.startsWith('#')) return phpLine(line)?.call ?? null;
    const [name, inside] = nameAndBrackets(line);
    const [, file, lineNumber] = /^([\w./-]{1,300}\.php):(\d{1,7})$/.exec(inside) ?? [];
    return file === undefined ? null : call(name, file, lineNumber);
  },
};

const JAVA_PLACES: ReadonlySet<string> = new Set(['Native Method', 'Unknown Source', '<generated>']);

function afterAt(line: string): string | null {
  const text = line.trimStart();
  return text.startsWith('at ') && text !== line ? text.slice(3) : null;
}

function nameAndBrackets(line: string): [name: string, inside: string] {
  const text = afterAt(line);
  const open = text?.indexOf('(') ?? -1;
  if (text === null || open <= 0 || !text.endsWith(')')) return ['', ''];
  const name = text.slice(0, open);
  return /\s/.test(name) ? ['', ''] : [name, text.slice(open + 1, -1)];
}

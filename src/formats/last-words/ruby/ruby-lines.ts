import type { PrintedCall } from '../../../model/last-words.ts';
import { rubyLine } from '../../printed-stack/ruby-line.ts';
import type { SourceRules } from '../source-voucher.ts';

/** `cart.rb:12:in 'Shop::Cart#total': message (Shop::CartError)` */
export type RubyHeading = { call: PrintedCall; type: string | null };

export function rubyHeading(line: string): RubyHeading | null {
  // A line of JSON can hold a whole stack.
  if (/^[\t {]/.test(line)) return null;
  const found = rubyLine(line);
  return found !== null && found.call.line !== null && found.rest.startsWith(': ')
    ? { call: found.call, type: typeIn(found.rest.slice(2)) }
    : null;
}

/** `\tfrom shop.rb:40:in 'Shop#checkout'`, and `\t 3: from …` where the newest call comes last. */
export function rubyFrom(line: string): PrintedCall | null {
  if (!line.startsWith('\t')) return null;
  const found = rubyLine(line.replace(/^\t {0,6}(?:\d{1,6}: )?from /, ''));
  return found?.rest === '' ? found.call : null;
}

/** ` ... 10068 levels...` in a deep recursion. */
export function isRubyFold(line: string): boolean {
  return /^\t? \.{3} \d+ levels\.{3}$/.test(line);
}

/** Every stack ends with one of these. */
export function isOutermost({ function: name }: PrintedCall): boolean {
  return name !== null && /^(?:<main>$|<internal:|block )/.test(name);
}

/** Ruby appends the type to the first line of the message, and prints only the type if there is no message. */
function typeIn(message: string): string | null {
  if (message === 'unhandled exception') return 'RuntimeError';
  if (TYPE.test(message)) return message;
  // An addition to a syntax error stands before its type (since Ruby 3.2).
  if (message.startsWith('--> ') && !message.endsWith(')')) return 'SyntaxError';
  const last = message.endsWith(')') ? message.slice(message.lastIndexOf('(') + 1, -1) : '';
  return TYPE.test(last) || last === 'fatal' ? last : null;
}

const TYPE = /^[A-Z]\w{0,99}(?:::[A-Z]\w{0,99}){0,20}$/;

const INSIDE = /^(?:(?:block|rescue|ensure)(?: \(\d+ levels\))? in )+/;
const DEFINED =
  /\b(?:def\s+(?:self\.|[A-Z][\w:]*\.)?|define_method[ (]+:|alias(?:_method)?[ (]+:?|(?:class|module)\s+(?:\w+::)*)([\w]+[?!=]?|[-+*/%<>=!~^&|[\]]{1,3})/g;
/** Functions that Ruby calls without their name in the source. */
const IMPLICIT: ReadonlySet<string> = new Set([
  ...[
    'initialize',
    'call',
    'each',
    'to_s',
    'to_proc',
    'inspect',
    '<=>',
    '==',
    '===',
    'hash',
    'eql?',
    'coerce',
  ],
  ...['method_missing', 'respond_to_missing?', 'inherited', 'included', 'require', 'raise', '`', 'exception'],
]);

export const RUBY_SOURCES: SourceRules = {
  definitions: DEFINED,
  definedName(printed) {
    const name = printed.replace(INSIDE, '');
    const marked = /^<(?:class|module):(\w+)>$/.exec(name)?.[1];
    if (marked !== undefined) return marked;
    if (name.startsWith('<') && name.endsWith('>') && name.length > 3) return null;
    return name.slice(Math.max(name.lastIndexOf('#'), name.lastIndexOf('.')) + 1);
  },
  isCalledOn(name, line) {
    return IMPLICIT.has(name) || outsideStrings(line).includes(name.replace(/=$/, ''));
  },
};

/** A line without its texts and comments, but with the code in `"#{…}"`. */
function outsideStrings(line: string): string {
  return line
    .replace(/"(?:[^"\\]|\\.)*"?/g, (text) =>
      Array.from(text.matchAll(/#\{[^}]*\}/g), ([code]) => code).join(),
    )
    .replace(/'(?:[^'\\]|\\.)*'?/g, '')
    .replace(/(?:^|\s)#(?!\{).*/, '');
}

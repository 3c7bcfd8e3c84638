import { call, type PrintedCall } from '../../printed-stack/printed-call.ts';
import type { SourceRules } from '../source-voucher.ts';

/**
 * `… at /srv/shop/Cart.pm line 12.`, with the state of a file that is being read: `, <$orders> line 3.` Exceptions that are objects
 * can print it without a full stop.
 */
export function perlPlace(line: string): { call: PrintedCall; text: string; hasStop: boolean } | null {
  const [end = ''] =
    /(?:, <[^<>]{0,200}> (?:line|chunk) \d{1,15})?(?: during global destruction)?\.$/.exec(line) ?? [];
  const place = line.slice(0, line.length - end.length);
  const at = place.lastIndexOf(' at ');
  const found = placeAt(place, at);
  return found === null ? null : { call: found, text: place.slice(0, at), hasStop: end !== '' };
}

/**
 * A line of Carp's: `\tShop::Cart::pay("…") called at /srv/shop/order.pl line 5`. It prints arguments whole, and they can hold such a
 * text: the name ends at the first bracket, and the place is after the last `called at`.
 */
export function carpLine(line: string): { name: string; at: PrintedCall } | null {
  if (!line.startsWith('\t')) return null;
  const end = line.replace(/(?:, <[^<>]{0,200}> (?:line|chunk) \d{1,15})?\.?$/, '');
  const called = end.lastIndexOf(' at ');
  const at = placeAt(end, called);
  const [, name] = /^\t((?:\w+(?:::|'))*\w+|eval|require|do)(?:\(| \{| [\w/.:]| called at)/.exec(end) ?? [];
  const isCall = end.slice(0, called).endsWith(' called') || name === 'eval';
  return at === null || name === undefined || !isCall ? null : { name, at };
}

function placeAt(text: string, at: number): PrintedCall | null {
  if (at < 0) return null;
  const [, file, number] = /^(.{1,1000}) line (\d{1,9})$/.exec(text.slice(at + 4)) ?? [];
  return file === undefined ? null : call(null, file, number);
}

export const PERL_SOURCES: SourceRules = {
  definitions: /^\s{0,80}(?:sub|method|fun|func)\s{1,20}(?:\w+::)*(\w+)/gm,
  definedName(printed) {
    const name = printed.slice(printed.lastIndexOf(':') + 1);
    return name === printed || name === '__ANON__' || name === 'BEGIN' || name === '<main>' ? null : name;
  },
  isCalledOn: () => false,
};

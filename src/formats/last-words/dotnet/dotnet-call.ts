import type { Vouchers } from '../../../model/last-words.ts';
import { LINE_PARSERS } from '../../printed-stack/line-parsers.ts';
import type { CheckedCall } from '../kept-calls.ts';
import { type SourceRules, SourceVoucher } from '../source-voucher.ts';

/** Reads a line of a stack; null if it is no call. */
export type CallReader = (line: string) => CheckedCall | null;

/**
 * Calls of C# are compared with the sources, where they are on the machine; all others with the names in the assemblies, and their
 * places with the lines in the debug information beside these.
 */
export function callReader({ readSource, program }: Vouchers): CallReader {
  const sources = new SourceVoucher(readSource, RULES);
  return (line) => {
    if (GENERATED.test(line)) return { kind: 'generated', call: null };
    const call = LINE_PARSERS.dotnet(line, '');
    if (call === null) return null;
    const name = call.function ?? '';
    if (!NAME.test(name)) return { kind: 'refuted', call: null };
    const isSource = call.file?.endsWith('.cs') === true;
    const isIn = (defined: string | null) =>
      isSource ? sources.check({ ...call, function: defined }) : null;
    const found = isIn(name) === true ? isIn(typeOf(name)) : isIn(name);
    if (found === false) return { kind: 'refuted', call: null };
    if (found === null && !isOfRuntime(name) && program?.hasFunction(name) === true) {
      const { file, line } = call;
      const isPlace = file !== null && line !== null && program.hasLine?.(file, line) === true;
      const place = isPlace ? {} : { file: null, line: null };
      return { kind: 'vouched', call: { ...call, ...place, function: writtenName(name), vouched: true } };
    }
    const kind = found === true ? 'vouched' : isOfRuntime(name) ? 'runtime' : 'unknown';
    return { kind, call: { ...call, function: writtenName(name), vouched: found } };
  };
}

/** Calls between native and managed code, and methods that were made at run time. */
const GENERATED = /^\s+at (?:\(wrapper |lambda_method\d*\(|DynamicClass\.|InvokeStub_)/;
const RUNTIME = /^(?:System|Microsoft|Mono|Internal|Interop)\./;

/** Is a type or call one of the runtime's own libraries? */
export function isOfRuntime(name: string): boolean {
  return RUNTIME.test(name);
}

const NAME = /^[\p{L}_<][\p{L}\p{N}_.<>`|$+,[\]=-]{0,500}$/u;

/**
 * A name as people write it: `Shop.Cart.<Total>d__5.MoveNext` (an async method), `Shop.Cart.<>c.<Total>b__1_0` (a lambda) →
 * `Shop.Cart.Total`, as do Mono's lambdas and iterators (`Shop.Cart+<Total>c__AnonStorey0.<>m__0`); `Shop.Cart.<Total>g__Round|2_0` → `Shop.Cart.Total.Round`; ``Shop.List`1[T].Add`` → `Shop.List.Add`.
 */
export function writtenName(name: string): string {
  return name
    .replaceAll(/`\d{1,3}|\[[^[\]]{0,200}\]/g, '')
    .replaceAll(/\.<>c(?:__\w+)?(?=\.)/g, '')
    .replace(/[.+]<(\w+)>c__\w+\.(?:<>m__\w+|MoveNext)$/, '.$1')
    .replace(/<(\w+)>g__(\w+)\|\w+(?:\.MoveNext)?$/, '$1.$2')
    .replace(/<<?(\w+)>[\w|<>]*(?:\.MoveNext)?\$?$/, '$1');
}

const RULES: SourceRules = {
  definitions:
    /\b(?:(?:class|struct|record|interface) )?([A-Za-z_]\w*)(?:[ \t]{0,4}(?:<[^<>(){};\n]{0,100}>)?[ \t]{0,4}(?:\(|=>|\{|:|\r?$))/gm,
  definedName,
  isCalledOn: () => false,
};

/** The class of a method; null for code that has none in its source. */
function typeOf(name: string): string | null {
  const parts = writtenName(name.replace(/\.\.c?ctor$/, '.ctor')).split(/[.+]/);
  return parts.length < 2 || name.endsWith('<Main>$')
    ? null
    : (parts.at(name.includes('>g__') ? -3 : -2) ?? null);
}

/** The name that the source has; null for what the compiler calls by itself. */
function definedName(name: string): string | null {
  const parts = writtenName(name).split(/[.+]/).filter(Boolean);
  const last = parts.at(-1) ?? '';
  if (last === 'ctor' || last === 'cctor') return parts.at(-2) ?? null;
  // An operator, and an indexer: `this[…]`.
  if (/^(?:op_|[gs]et_Item$)/.test(last) || name.endsWith('<Main>$')) return null;
  return last.replace(/^(?:get|set|add|remove)_/, '');
}

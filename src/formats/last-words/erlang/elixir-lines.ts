import { call, type PrintedCall } from '../../printed-stack/printed-call.ts';
import type { SourceRules } from '../source-voucher.ts';

/** A call, and the application that it belongs to; null in a script. */
export type ElixirCall = { call: PrintedCall; app: string | null; version: string | null; indent: number };

/**
 * `    (shop 1.0.0) lib/shop/cart.ex:12: Shop.Cart.pay/2`; `    :erlang.binary_to_integer("4111")`, where the arguments are left
 * behind. Without a place, only a call of Erlang's own modules is sure to be one.
 */
export function elixirCall(line: string): ElixirCall | null {
  const [, spaces = '', app, version, file, number, text] =
    /^( {4,40})(?:\(([a-z]\w{0,60}) ([\w.+-]{1,60})\) )?(?:([^\s:()][^:]{0,300}):(\d{1,7}): )?(\S.{0,600})$/.exec(
      line,
    ) ?? [];
  if (text === undefined) return null;
  const name = nameOf(text);
  if (name === null || (file === undefined && app === undefined && !BUILT_IN.test(name))) return null;
  return {
    call: call(name, file ?? null, number),
    app: app ?? null,
    version: version ?? null,
    indent: spaces.length,
  };
}

/** `** (Shop.CartError) message`, `** (EXIT from #PID<0.96.0>) an exception was raised:` */
export function elixirHeading(line: string): { type: string; indent: number } | null {
  const [, spaces = '', type] =
    /^( {0,36})\*\* \(([A-Za-z][\w.]{0,200})(?: from [^)]{1,60})?\) /.exec(`${line} `) ?? [];
  return type === undefined ? null : { type, indent: spaces.length };
}

const BUILT_IN =
  /^:(?:erlang|ets|lists|maps|binary|unicode|re|file|io|math|persistent_term|gen_tcp|gen_udp|crypto|zlib)\./;
const MODULE = String.raw`(?::?[A-Za-z_]\w{0,99}(?:\.[A-Z]\w{0,99}){0,20})`;
const FUNCTION = String.raw`(?:[a-z_]\w{0,99}[?!]?|"-?[\w/^?!-]{1,200}-?"|[-+*/<>=|&!@^~.]{1,4})`;
const NAME = new RegExp(String.raw`^((?:anonymous fn/\d{1,3} in )?${MODULE}\.${FUNCTION})(/\d{1,3}$|\()`);

function nameOf(text: string): string | null {
  if (text === '(file)' || text === '(module)') return `<${text.slice(1, -1)}>`;
  const [, name, end] = NAME.exec(text) ?? [];
  if (name === undefined) return /^anonymous fn\/\d{1,3}$/.test(text) ? text : null;
  return end === '(' ? (text.endsWith(')') ? name : null) : `${name}${end}`;
}

export const ELIXIR_SOURCES: SourceRules = {
  definitions: /(?:\bdef(?:p|macrop?|delegate|guardp?)?[ (]{1,9}|^(?=[a-z]\w{0,99}\())(\w{1,99}[?!]?)/gm,
  definedName(printed) {
    if (printed.startsWith('<') || /^anonymous fn\/\d+$/.test(printed)) return null;
    const inner = /\."-?(\w+[?!]?)\//.exec(printed)?.[1];
    return inner ?? printed.slice(printed.lastIndexOf('.') + 1).replace(/\/\d+$/, '');
  },
  isCalledOn: (name, code) => code.replace(/"(?:[^"\\]|\\.)*"?/g, '').includes(name),
};

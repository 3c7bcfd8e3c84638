import { library, type OriginRule, OWN } from './origin-rule.ts';

/** Modules of Erlang have no capital letter; those that come with Elixir are known. */
export const erlangOrigin: OriginRule = ({ function: name, file }) => {
  const dependency = /(?:^|\/)deps\/([a-z]\w{0,60})\//.exec(file ?? '')?.[1];
  if (dependency !== undefined) return library(dependency);
  if (name === null) return file === null ? library('erlang') : OWN;
  return OTP.test(name) || ELIXIR.test(name) || /^(?:stdlib|kernel|erts)\b/.test(file ?? '')
    ? library('erlang')
    : OWN;
};

const OTP =
  /^:?(?:erlang|erl_\w+|gen_\w+|gen|proc_lib|supervisor|application\w*|init|lists|maps|ets|io|io_lib|file|code\w*|elixir\w*|timer|string|binary|re|logger\w*|prim_\w+|erts_\w+|shell|user)[.:]/;
const ELIXIR =
  /^(?:anonymous fn\/\d+ in )?(?:Kernel|Enum|Stream|String|Map|List|Keyword|Agent|GenServer|Supervisor|Task|Access|Code|File|IO|Integer|Float|Module|Registry|System|URI|Mix|Logger|ExUnit|EEx|IEx|Regex|Process|Path|Node|Range|Tuple|Exception|Protocol|Date|DateTime|Calendar|Base|Bitwise|Config|Macro|MapSet|Application|DynamicSupervisor|Version)(?:\.|$)/;

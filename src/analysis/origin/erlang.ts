import { library, type OriginRule, OWN } from './origin-rule.ts';

/**
 * Elixir names the application of a call, which stands before its file: `elixir-1.17.2/lib/enum.ex`. Where no source was found,
 * it can be the app's own or one that is often used. Modules of Erlang have no capital letter.
 */
export const erlangOrigin: OriginRule = ({ function: name, file }) => {
  const dependency = /(?:^|\/)deps\/([a-z]\w{0,60})\//.exec(file ?? '')?.[1];
  if (dependency !== undefined) return library(dependency);
  const application = /(?:^|\/)([a-z]\w{0,60})-\d[\w.+-]{0,60}\//.exec(file ?? '')?.[1];
  if (application !== undefined && OTP_APPLICATIONS.has(application)) return library('erlang');
  if (application !== undefined) return USUAL.test(application) ? library(application) : OWN;
  if (file !== null) return OWN;
  return name === null || OTP.test(name) || ELIXIR.test(name) ? library('erlang') : OWN;
};

const OTP_APPLICATIONS: ReadonlySet<string> = new Set([
  ...['elixir', 'stdlib', 'kernel', 'erts', 'logger', 'mix', 'ex_unit', 'eex', 'iex', 'compiler', 'crypto'],
  ...['ssl', 'inets', 'public_key', 'runtime_tools'],
]);

const USUAL =
  /^(?:phoenix\w*|plug\w*|ecto\w*|db_connection|postgrex|myxql|cowboy\w*|cowlib|ranch|bandit|thousand_island|jason|telemetry\w*|oban\w*|absinthe\w*|finch|mint|tesla|hackney|req|gettext|swoosh|broadway\w*|gen_stage|poolboy|nimble_\w+|redix|castore|decimal|libcluster|horde|opentelemetry\w*|sentry)$/;
const OTP =
  /^:?(?:erlang|erl_\w+|gen_\w+|gen|proc_lib|supervisor|application\w*|init|lists|maps|ets|io|io_lib|file|code\w*|elixir\w*|timer|string|binary|re|logger\w*|prim_\w+|erts_\w+|shell|user)[.:]/;
const ELIXIR =
  /^(?:anonymous fn\/\d+ in )?(?:Kernel|Enum|Stream|String|Map|List|Keyword|Agent|GenServer|Supervisor|Task|Access|Code|File|IO|Integer|Float|Module|Registry|System|URI|Mix|Logger|ExUnit|EEx|IEx|Regex|Process|Path|Node|Range|Tuple|Exception|Protocol|Date|DateTime|Calendar|Base|Bitwise|Config|Macro|MapSet|Application|DynamicSupervisor|Version)(?:\.|$)/;

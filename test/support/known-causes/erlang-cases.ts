import { type CauseCases, thrown } from './cause-cases.ts';

const elixir = (type: string) => thrown('erlang', type);

export const ERLANG_CASES: Readonly<Record<string, CauseCases>> = {
  'elixir-function-clause': {
    matches: [elixir('FunctionClauseError'), elixir('function_clause')],
    misses: [elixir('UndefinedFunctionError')],
  },
  'elixir-undefined-function': {
    matches: [elixir('UndefinedFunctionError'), elixir('undef')],
    misses: [elixir('FunctionClauseError')],
  },
  'elixir-no-match': {
    matches: [elixir('MatchError'), elixir('WithClauseError'), elixir('badmatch')],
    misses: [elixir('FunctionClauseError'), elixir('KeyError')],
  },
  'elixir-key-missing': {
    matches: [elixir('KeyError'), elixir('badkey')],
    misses: [elixir('Shop.KeyError'), elixir('badmap')],
  },
  'elixir-arithmetic': {
    matches: [elixir('ArithmeticError'), elixir('badarith')],
    misses: [elixir('ArgumentError')],
  },
  'elixir-protocol-not-implemented': {
    matches: [elixir('Protocol.UndefinedError')],
    misses: [elixir('UndefinedFunctionError')],
  },
  'elixir-environment-variable-missing': {
    matches: [elixir('System.EnvError')],
    misses: [elixir('ArgumentError')],
  },
  'elixir-file-operation-failed': { matches: [elixir('File.Error')], misses: [elixir('IO.StreamError')] },
  'elixir-not-compiled': {
    matches: [elixir('SyntaxError'), elixir('CompileError')],
    misses: [elixir('RuntimeError')],
  },
  'elixir-database-connection': {
    matches: [elixir('DBConnection.ConnectionError')],
    misses: [elixir('Postgrex.Error')],
  },
  'erlang-out-of-memory': { matches: [elixir('out of memory')], misses: [elixir('emulator halted')] },
};

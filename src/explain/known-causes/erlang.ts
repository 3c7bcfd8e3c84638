import { ofType } from './conditions.ts';
import type { CatalogEntry } from './known-cause.ts';

const ELIXIR = 'https://hexdocs.pm/elixir';
const ERLANG = 'https://www.erlang.org/doc';

/** Exceptions of Elixir, and errors of Erlang by their reason; specific entries come first. */
export const ERLANG_AND_ELIXIR: readonly CatalogEntry[] = [
  {
    id: 'elixir-function-clause',
    title: 'No clause of a function matched its arguments',
    matches: ofType(/^(?:FunctionClauseError|function_clause)$/),
    meaning: 'The function exists, but none of its clauses accepts these arguments.',
    steps: [
      'Read the arguments in the last output of the worker.',
      'Check who passes them in the first frames of your code, or add a clause for them.',
    ],
    link: `${ELIXIR}/FunctionClauseError.html`,
  },
  {
    id: 'elixir-undefined-function',
    title: 'A function or its module does not exist',
    matches: ofType(/^(?:UndefinedFunctionError|undef)$/),
    meaning:
      'The function is misspelled, has another number of arguments or is private, its module is not loaded, or it was called on nil.',
    steps: [
      'Read the name in the last output of the worker.',
      'Check that the dependency of the module is part of the release, and its version.',
      'If it was called on nil, check where that value comes from.',
    ],
    link: `${ELIXIR}/UndefinedFunctionError.html`,
  },
  {
    id: 'elixir-no-match',
    title: 'A value matched none of the patterns',
    matches: ofType(
      /^(?:MatchError|CaseClauseError|CondClauseError|WithClauseError|TryClauseError|badmatch|case_clause|if_clause|try_clause)$/,
    ),
    meaning:
      'The right side of a match, or the value of a case, cond or with, had a form that the code does not expect.',
    steps: [
      'Read the value in the last output of the worker.',
      'Handle that form, such as an error tuple, in the first frame of your code.',
    ],
    link: `${ELIXIR}/MatchError.html`,
  },
  {
    id: 'elixir-key-missing',
    title: 'A map, struct or keyword list has no such key',
    matches: ofType(/^(?:KeyError|badkey)$/),
    meaning: 'A key was read with a dot or a function such as Map.fetch!, or updated, and it is not there.',
    steps: [
      'Check in the first frame of your code which key can be missing, and why.',
      'Read it with map[key] or Map.get where it is optional.',
    ],
    link: `${ELIXIR}/KeyError.html`,
  },
  {
    id: 'elixir-arithmetic',
    title: 'A bad argument in an arithmetic expression',
    matches: ofType(/^(?:ArithmeticError|badarith)$/),
    meaning: 'A calculation divided by zero, or one of its values is not a number, such as nil.',
    steps: ['Check the values in the first frame of your code, and where they come from.'],
    link: `${ELIXIR}/ArithmeticError.html`,
  },
  {
    id: 'elixir-protocol-not-implemented',
    title: 'A protocol is not implemented for a value',
    matches: ofType(/^Protocol\.UndefinedError$/),
    meaning:
      'A function, such as those of Enum or String.Chars, got a value of a type for which its protocol has no implementation.',
    steps: [
      'Read the value and the protocol in the last output of the worker.',
      'Check in the first frame of your code why it is such a value.',
    ],
    link: `${ELIXIR}/Protocol.UndefinedError.html`,
  },
  {
    id: 'elixir-environment-variable-missing',
    title: 'System.fetch_env! found no such variable',
    matches: ofType(/^System\.EnvError$/),
    meaning: 'An environment variable that the app requires is not set for the worker.',
    steps: [
      'Read its name in the last output of the worker, and set it.',
      'Check config/runtime.exs: it is run at each start.',
    ],
    link: `${ELIXIR}/System.EnvError.html`,
  },
  {
    id: 'elixir-file-operation-failed',
    title: 'A file operation failed',
    matches: ofType(/^File\.(?:Error|CopyError|RenameError|LinkError)$/),
    meaning: 'A function of File that ends with an exclamation mark could not read or change a file.',
    steps: [
      'Read the reason and the path in the last output of the worker.',
      'Check the path and its permissions. A release has another directory than the project: use Application.app_dir.',
    ],
    link: `${ELIXIR}/File.Error.html`,
  },
  {
    id: 'elixir-not-compiled',
    title: 'Elixir could not compile or load a file',
    matches: ofType(
      /^(?:SyntaxError|TokenMissingError|MismatchedDelimiterError|CompileError|Code\.LoadError)$/,
    ),
    meaning: 'A file of the app has an error, needs a newer version of Elixir, or was not found.',
    steps: [
      'Read the place and the reason in the last output of the worker.',
      'Compare the version of Elixir with the one that the app was developed with.',
    ],
    link: `${ELIXIR}/Code.html`,
  },
  {
    id: 'elixir-database-connection',
    title: 'Elixir got no connection to the database',
    matches: ofType(/^DBConnection\.ConnectionError$/),
    meaning: 'The pool had no free connection in time, or the connection could not be made or was lost.',
    steps: [
      'Check that the database is running, and host, port and credentials.',
      'Compare pool_size with the number of processes that query at once, and look for slow queries.',
    ],
    link: 'https://hexdocs.pm/db_connection/DBConnection.ConnectionError.html',
  },
  {
    id: 'erlang-out-of-memory',
    title: 'The Erlang emulator could not allocate memory',
    matches: ofType(/^out of memory$/),
    meaning: 'The system refused memory, or a limit of the process was reached, and the emulator ended.',
    steps: [
      'Compare the memory limit (ulimit -v, cgroup) with the memory use of the emulator.',
      'Look for processes with long message queues or large heaps (recon or observer).',
    ],
    link: `${ERLANG}/apps/erts/crash_dump.html`,
  },
];

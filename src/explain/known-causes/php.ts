import { all, inTopFunction, ofType } from './conditions.ts';
import type { CatalogEntry } from './known-cause.ts';

const MANUAL = 'https://www.php.net/manual/en';

/** Fatal errors and exceptions of PHP; specific entries come first. */
export const PHP: readonly CatalogEntry[] = [
  {
    id: 'php-memory-limit',
    title: 'The memory_limit of PHP was reached',
    matches: ofType(/^memory limit exceeded$/),
    meaning:
      'The script needed more memory than memory_limit allows. PHP prints only the place where it ran out, which need not be what uses the memory. Endless recursion ends in the same way.',
    steps: [
      'Read large files and query results in parts: generators, unbuffered queries.',
      'In a process that runs for long, look for arrays and caches that only grow.',
      'Raise memory_limit only if the memory is needed and the instance has it.',
    ],
    link: `${MANUAL}/ini.core.php#ini.memory-limit`,
  },
  {
    id: 'php-time-limit',
    title: 'The max_execution_time of PHP was reached',
    matches: ofType(/^time limit exceeded$/),
    meaning:
      'The script ran longer than max_execution_time or set_time_limit allows, and PHP ended it where it was.',
    steps: [
      'Check the loop or call in the first frame of your code.',
      'Move long work to a queue or a command; for these, set_time_limit can be 0.',
    ],
    link: `${MANUAL}/info.configuration.php#ini.max-execution-time`,
  },
  {
    id: 'php-out-of-memory',
    title: 'The system gave PHP no more memory',
    matches: ofType(/^out of memory$/),
    meaning: 'PHP asked the system for memory and got none, although memory_limit was not reached.',
    steps: ['Compare the memory limit (ulimit -v, cgroup) with memory_limit and the number of processes.'],
    link: `${MANUAL}/ini.core.php#ini.memory-limit`,
  },
  {
    id: 'php-parse-error',
    title: 'PHP could not parse a file',
    matches: ofType(/^(?:ParseError|CompileError)$/),
    meaning: 'A file has a syntax error, or needs a newer version of PHP.',
    steps: ['Run php -l on the file.', 'Compare the version of PHP with "require" in composer.json.'],
    link: `${MANUAL}/class.parseerror.php`,
  },
  {
    id: 'php-database-unreachable',
    title: 'PHP could not connect to the database',
    matches: all(
      ofType(/^(?:PDOException|mysqli_sql_exception)$/),
      inTopFunction(
        /^(?:PDO(?:->|\.|::)(?:__construct|connect)|Pdo\\\w+(?:->|::)__construct|mysqli(?:->|\.)(?:__construct|real_connect)|mysqli_(?:real_)?connect)$/,
      ),
    ),
    meaning:
      'The connection failed: the server was not reachable, refused the credentials, or PHP has no driver for it. The app did not catch the exception.',
    steps: [
      'Check that the database is running, and that host, port, name and credentials are correct.',
      'Check with php -m that the driver is installed (pdo_mysql, pdo_pgsql).',
    ],
    link: `${MANUAL}/pdo.connections.php`,
  },
  {
    id: 'php-redis-unreachable',
    title: 'PHP could not use Redis',
    matches: ofType(/^(?:RedisException|RedisClusterException|Predis\.Connection\.ConnectionException)$/),
    meaning: 'The connection to Redis failed or was lost, and the app did not catch the exception.',
    steps: ['Check that Redis is running, and that host, port and password are correct.'],
    link: 'https://github.com/phpredis/phpredis',
  },
  {
    id: 'php-argument-count',
    title: 'A function was called with too few arguments',
    matches: ofType(/^ArgumentCountError$/),
    meaning:
      'A function was called with fewer arguments than it requires, often after its signature changed.',
    steps: ['Compare the call with the signature of the function in the first frame.'],
    link: `${MANUAL}/class.argumentcounterror.php`,
  },
  {
    id: 'php-wrong-type',
    title: 'A value had a type that PHP does not accept there',
    matches: ofType(/^TypeError$/),
    meaning:
      'An argument, a return value or an operand had the wrong type, most often null from a missing value.',
    steps: [
      'Check where the value in the first frame of your code comes from.',
      'Convert or check input where it enters the app.',
    ],
    link: `${MANUAL}/class.typeerror.php`,
  },
  {
    id: 'php-invalid-value',
    title: 'A PHP function got an invalid value',
    matches: ofType(/^ValueError$/),
    meaning:
      'An argument had the right type, but a value that the function does not accept, such as an empty string.',
    steps: ['Check the value before the call in the first frame of your code.'],
    link: `${MANUAL}/class.valueerror.php`,
  },
  {
    id: 'php-unhandled-match',
    title: 'A match expression had no arm for a value',
    matches: ofType(/^UnhandledMatchError$/),
    meaning: 'No arm of a match expression fits the value, and it has no default.',
    steps: ['Add the missing arm, or a default, in the first frame of your code.'],
    link: `${MANUAL}/class.unhandledmatcherror.php`,
  },
  {
    id: 'php-division-by-zero',
    title: 'PHP divided by zero',
    matches: ofType(/^DivisionByZeroError$/),
    meaning: 'The divisor of a division or of % was 0.',
    steps: ['Check the divisor before the division in the first frame of your code.'],
    link: `${MANUAL}/class.divisionbyzeroerror.php`,
  },
  {
    id: 'php-invalid-json',
    title: 'PHP could not decode or encode JSON',
    matches: ofType(/^JsonException$/),
    meaning:
      'The text was no valid JSON, or the value could not be encoded, for example because it is not UTF-8.',
    steps: [
      'Check the status and content type of a response before decoding it.',
      'Catch the exception where input is decoded.',
    ],
    link: `${MANUAL}/class.jsonexception.php`,
  },
  {
    id: 'php-warning-as-exception',
    title: 'An error handler made an exception of a warning',
    matches: ofType(/^ErrorException$/),
    meaning:
      'PHP reported a warning or notice, and the error handler of the app or its framework threw it as an exception.',
    steps: [
      'Read the message in the last output of the worker, and fix what PHP warned of in the first frame of your code.',
    ],
    link: `${MANUAL}/class.errorexception.php`,
  },
];

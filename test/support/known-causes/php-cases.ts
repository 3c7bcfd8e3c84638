import { type CauseCases, thrown } from './cause-cases.ts';

const php = (type: string, stack?: string) => thrown('php', type, stack);

export const PHP_CASES: Readonly<Record<string, CauseCases>> = {
  'php-memory-limit': { matches: [php('memory limit exceeded')], misses: [php('out of memory')] },
  'php-time-limit': { matches: [php('time limit exceeded')], misses: [php('memory limit exceeded')] },
  'php-out-of-memory': { matches: [php('out of memory')], misses: [php('fatal error')] },
  'php-parse-error': { matches: [php('ParseError')], misses: [php('Error')] },
  'php-database-unreachable': {
    matches: [
      php('PDOException', 'PDO->__construct (src/Db.php:3:1)'),
      php('mysqli_sql_exception', 'mysqli_connect (src/Db.php:3:1)'),
    ],
    misses: [php('PDOException', 'PDO->query (src/Db.php:3:1)')],
  },
  'php-redis-unreachable': {
    matches: [php('RedisException'), php('Predis\\Connection\\ConnectionException')],
    misses: [php('Predis\\Response\\ServerException')],
  },
  'php-argument-count': { matches: [php('ArgumentCountError')], misses: [php('TypeError')] },
  'php-wrong-type': {
    matches: [php('TypeError')],
    misses: [php('ArgumentCountError'), php('Shop\\TypeError')],
  },
  'php-invalid-value': { matches: [php('ValueError')], misses: [php('TypeError')] },
  'php-unhandled-match': { matches: [php('UnhandledMatchError')], misses: [php('Error')] },
  'php-division-by-zero': { matches: [php('DivisionByZeroError')], misses: [php('ArithmeticError')] },
  'php-invalid-json': { matches: [php('JsonException')], misses: [php('Exception')] },
  'php-warning-as-exception': { matches: [php('ErrorException')], misses: [php('Error')] },
};

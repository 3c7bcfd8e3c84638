/**
 * SQLSTATE: the five-character error code of databases, from the SQL standard and PostgreSQL's appendix "PostgreSQL
 * Error Codes". The first two characters are the class.
 */
function sqlStateClass(code: string | null): string | null {
  if (code === null || !/^[0-9A-Z]{5}$/.test(code)) return null;
  const name = code.slice(0, 2);
  return CLASSES.has(name) ? name : null;
}

/**
 * True for a SQLSTATE. Five digits can be anything (a postal code, part of a number), so the type must belong to a driver
 * or to a library that wraps one and keeps its code.
 */
export function isSqlState(code: string, exceptionType: string | null): boolean {
  return sqlStateClass(code) !== null && exceptionType !== null && DRIVER_TYPES.has(exceptionType);
}

const CLASSES: ReadonlySet<string> = new Set(
  (
    '00 01 02 03 08 09 0A 0B 0F 0L 0P 0Z 20 21 22 23 24 25 26 27 28 2B 2D 2F 34 38 39 3B 3D 3F 40 42 44 ' +
    '53 54 55 57 58 72 F0 HV P0 XX'
  ).split(' '),
);

/** From pg, postgres, Neon, TypeORM and MikroORM. */
const DRIVER_TYPES: ReadonlySet<string> = new Set([
  ...[
    'DatabaseError',
    'PostgresError',
    'NeonDbError',
    'QueryFailedError',
    'DriverException',
    'ConnectionException',
  ],
  ...[
    'DeadlockException',
    'LockWaitTimeoutException',
    'UniqueConstraintViolationException',
    'ServerException',
  ],
  ...[
    'ForeignKeyConstraintViolationException',
    'NotNullConstraintViolationException',
    'SyntaxErrorException',
  ],
  ...['CheckConstraintViolationException', 'TableNotFoundException', 'InvalidFieldNameException'],
]);

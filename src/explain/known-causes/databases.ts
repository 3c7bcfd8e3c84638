import { all, hasCode, hasSqlState, hasType, inPackage } from './conditions.ts';
import type { CatalogEntry } from './known-cause.ts';

const lostConnection = hasCode('ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN');

/** These come before the network errors beneath them. */
export const DATABASES: readonly CatalogEntry[] = [
  {
    id: 'postgresql-connection',
    title: 'The connection to PostgreSQL failed',
    matches: (facts) =>
      hasSqlState('08')(facts) || all(lostConnection, inPackage('pg', 'pg-pool', 'postgres'))(facts),
    meaning:
      'The PostgreSQL client could not connect, or lost its connection, and nothing handled the error.',
    steps: [
      'Check that the server is running and that host and port are correct.',
      "Add an 'error' listener to the pool or client: idle connections in a pool can be lost too.",
      'Retry at startup, because the database may start later than the app.',
    ],
    link: 'https://node-postgres.com/apis/pool#error',
  },
  {
    id: 'postgresql-ended-connection',
    title: 'PostgreSQL ended the connection or the query',
    matches: hasSqlState('57'),
    meaning:
      'The server intervened (SQLSTATE class 57): it shut down, restarted or failed over and ended the connection (57P01, 57P02, 57P03), or it canceled a query, usually by statement_timeout (57014).',
    steps: [
      "Add an 'error' listener to the pool or client: idle connections end with the server, too.",
      'Catch the error of the query, and retry it on a new connection if that is safe.',
      'For 57014 compare statement_timeout with how long the query takes.',
    ],
    link: 'https://www.postgresql.org/docs/current/errcodes-appendix.html',
  },
  {
    id: 'postgresql-constraint',
    title: 'The data violates a database constraint',
    matches: hasSqlState('23'),
    meaning:
      'PostgreSQL rejected a change (SQLSTATE class 23): a key exists already (23505), a referenced row does not (23503), a value is missing (23502), or a check failed (23514). Nothing in the app handled it.',
    steps: [
      'Catch the error of the query, and respond to it, for example with HTTP 409.',
      'Read the name of the constraint in the private log.',
      'If two requests can insert the same row, use INSERT … ON CONFLICT.',
    ],
    link: 'https://www.postgresql.org/docs/current/errcodes-appendix.html',
  },
  {
    id: 'postgresql-transaction-conflict',
    title: 'Two transactions conflicted',
    matches: hasSqlState('40'),
    meaning:
      'PostgreSQL rolled back a transaction because of another one (SQLSTATE class 40): a deadlock (40P01) or a serialization failure (40001). This is part of normal operation.',
    steps: [
      'Retry the whole transaction a few times, with a short random delay.',
      'Lock rows and tables in the same order everywhere, and keep transactions short.',
    ],
    link: 'https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html',
  },
  {
    id: 'postgresql-resources',
    title: 'PostgreSQL is out of resources',
    matches: hasSqlState('53'),
    meaning:
      'The server lacked a resource (SQLSTATE class 53): too many connections (53300), a full disk (53100), or no memory (53200).',
    steps: [
      'For 53300 compare max_connections with the total of all pools of all instances; use fewer connections or a pooler.',
      'For 53100 check the disk of the server.',
      'Catch the error, and retry with backoff.',
    ],
    link: 'https://www.postgresql.org/docs/current/errcodes-appendix.html',
  },
  {
    id: 'prisma-cannot-start',
    title: 'Prisma could not open the database',
    matches: hasType('PrismaClientInitializationError'),
    meaning:
      'Prisma could not start: the database is not reachable, rejected the credentials, or the query engine does not match the system.',
    steps: [
      'Check the database URL in the environment of the instance, and that the server is reachable.',
      'Run prisma generate in the image of the app.',
      'Read the exact reason in the private log.',
    ],
    link: 'https://www.prisma.io/docs/orm/reference/error-reference',
  },
  {
    id: 'prisma-connection',
    title: 'Prisma lost the database connection',
    matches: all(
      hasCode('P1001', 'P1002', 'P1008', 'P1017', 'P2024'),
      hasType('PrismaClientKnownRequestError', 'PrismaClientInitializationError'),
    ),
    meaning:
      'The database could not be reached, closed the connection, or no connection of the pool became free in time.',
    steps: [
      'Check that the server is running, and how many connections it allows.',
      'Handle the error of the query, and use one PrismaClient for the whole app.',
    ],
    link: 'https://www.prisma.io/docs/orm/reference/error-reference',
  },
  {
    id: 'mysql-connection-lost',
    title: 'The connection to MySQL was lost',
    matches: hasCode('PROTOCOL_CONNECTION_LOST', 'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR', 'ER_CON_COUNT_ERROR'),
    meaning:
      'The MySQL server closed the connection or has no free one. It closes connections when it restarts, or when they are idle for too long.',
    steps: [
      'Use a pool instead of a single connection, and handle its errors.',
      'Compare max_connections and wait_timeout of the server with what the app needs.',
    ],
    link: 'https://sidorares.github.io/node-mysql2/docs',
  },
  {
    id: 'mongodb-connection',
    title: 'MongoDB could not be reached',
    matches: hasType(
      'MongoServerSelectionError',
      'MongooseServerSelectionError',
      'MongoNetworkError',
      'MongoNetworkTimeoutError',
      'MongoNotConnectedError',
    ),
    meaning:
      'The MongoDB driver found no usable server or lost its connection, and nothing handled the error.',
    steps: [
      'Check that the servers are running, and that the connection string and the IP access list are correct.',
      'Handle the rejection of connect and of queries.',
    ],
    link: 'https://www.mongodb.com/docs/drivers/node/current/connect/connection-troubleshooting/',
  },
  {
    id: 'redis-connection',
    title: 'The connection to Redis failed',
    matches: (facts) =>
      hasType(
        'MaxRetriesPerRequestError',
        'SocketClosedUnexpectedlyError',
        'ReconnectStrategyError',
      )(facts) ||
      all(lostConnection, inPackage('ioredis', 'redis', '@redis/client', '@node-redis/client'))(facts),
    meaning: 'The Redis client could not connect or lost its connection, and nothing handled the error.',
    steps: [
      "Add an 'error' listener to the client, so that it can reconnect, and catch rejected commands.",
      'Check that the server is running and that host and port are correct.',
    ],
    link: 'https://redis.io/docs/latest/develop/clients/nodejs/',
  },
];

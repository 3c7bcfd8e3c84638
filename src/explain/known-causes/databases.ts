import { all, hasCode, hasSqlState, hasType, inPackage } from './conditions.ts';
import type { CatalogueEntry } from './known-cause.ts';

const lostConnection = hasCode('ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN');

/** Named before the errors of the network beneath them. */
export const DATABASES: readonly CatalogueEntry[] = [
  {
    id: 'postgresql-connection',
    title: 'The connection to PostgreSQL failed',
    matches: (facts) =>
      hasSqlState('08')(facts) || all(lostConnection, inPackage('pg', 'pg-pool', 'postgres'))(facts),
    meaning:
      'The PostgreSQL client could not connect, or lost its connection, and nothing handled the error.',
    steps: [
      'Check that the server runs and that host and port are right.',
      "Add a listener for 'error' to the pool or client: connections that wait in a pool can be lost too.",
      'Retry at the start, because the database may start later than the app.',
    ],
    link: 'https://node-postgres.com/apis/pool#error',
  },
  {
    id: 'postgresql-ended-connection',
    title: 'PostgreSQL ended the connection or the query',
    matches: hasSqlState('57'),
    meaning:
      'The server stepped in (SQLSTATE class 57): it shut down, restarted or failed over and ended the connection (57P01, 57P02, 57P03), or a query was canceled, mostly by statement_timeout (57014).',
    steps: [
      "Add a listener for 'error' to the pool or client: idle connections end with the server, too.",
      'Catch the error of the query, and repeat it on a new connection where that is safe.',
      'For 57014 compare statement_timeout with how long the query takes.',
    ],
    link: 'https://www.postgresql.org/docs/current/errcodes-appendix.html',
  },
  {
    id: 'postgresql-constraint',
    title: 'The data breaks a constraint of the database',
    matches: hasSqlState('23'),
    meaning:
      'PostgreSQL refused a change (SQLSTATE class 23): a key exists already (23505), a referenced row does not (23503), a value is missing (23502), or a check failed (23514). Nothing in the app handled it.',
    steps: [
      'Catch the error of the query, and answer it, for example as a conflict.',
      'Read the name of the constraint in the private log.',
      'Where two requests may insert the same row, use INSERT … ON CONFLICT.',
    ],
    link: 'https://www.postgresql.org/docs/current/errcodes-appendix.html',
  },
  {
    id: 'postgresql-transaction-conflict',
    title: "Two transactions stood in each other's way",
    matches: hasSqlState('40'),
    meaning:
      'PostgreSQL rolled a transaction back because of another one (SQLSTATE class 40): a deadlock (40P01), or the two cannot be put in an order (40001). That is part of normal work.',
    steps: [
      'Repeat the whole transaction, a few times, with a short random pause.',
      'Lock rows and tables in the same order everywhere, and keep transactions short.',
    ],
    link: 'https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html',
  },
  {
    id: 'postgresql-resources',
    title: 'PostgreSQL has no resources left',
    matches: hasSqlState('53'),
    meaning:
      'The server refused for lack of something (SQLSTATE class 53): too many connections (53300), a full disk (53100), or no memory (53200).',
    steps: [
      'For 53300 compare max_connections with all pools of all instances together; use fewer, or a pooler.',
      'For 53100 look at the disk of the server.',
      'Catch the error, and retry with growing pauses.',
    ],
    link: 'https://www.postgresql.org/docs/current/errcodes-appendix.html',
  },
  {
    id: 'prisma-cannot-start',
    title: 'Prisma could not open the database',
    matches: hasType('PrismaClientInitializationError'),
    meaning:
      'Prisma could not start: the database is not reachable, refused the credentials, or the query engine does not fit the system.',
    steps: [
      'Check the URL of the database in the environment of the instance, and that the server is reachable.',
      'Run prisma generate in the image that the app runs in.',
      'Read the exact reason in the private log.',
    ],
    link: 'https://www.prisma.io/docs/orm/reference/error-reference',
  },
  {
    id: 'prisma-connection',
    title: 'Prisma lost the database',
    matches: all(
      hasCode('P1001', 'P1002', 'P1008', 'P1017', 'P2024'),
      hasType('PrismaClientKnownRequestError', 'PrismaClientInitializationError'),
    ),
    meaning:
      'The database could not be reached, closed the connection, or no connection of the pool became free in time.',
    steps: [
      'Check that the server runs, and how many connections it allows.',
      'Handle the error of the query, and use one PrismaClient for the whole app.',
    ],
    link: 'https://www.prisma.io/docs/orm/reference/error-reference',
  },
  {
    id: 'mysql-connection-lost',
    title: 'The connection to MySQL was lost',
    matches: hasCode('PROTOCOL_CONNECTION_LOST', 'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR', 'ER_CON_COUNT_ERROR'),
    meaning:
      'The MySQL server closed the connection or has no free one. It does so when it restarts, and to connections that are idle for long.',
    steps: [
      'Use a pool in place of one connection, and handle its errors.',
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
      'The MongoDB driver found no server that it could use, or lost its connection, and nothing handled the error.',
    steps: [
      'Check that the servers run, and that the connection string and the list of permitted addresses are right.',
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
    meaning: 'The Redis client could not connect or lost its connection, and the error reached nobody.',
    steps: [
      "Add a listener for 'error' to the client, so that it can connect again, and catch what commands reject.",
      'Check that the server runs and that host and port are right.',
    ],
    link: 'https://redis.io/docs/latest/develop/clients/nodejs/',
  },
];

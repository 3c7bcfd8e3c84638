import { all, hasCode, hasType, inPackage } from './conditions.ts';
import type { CatalogueEntry } from './known-cause.ts';

const lostConnection = hasCode('ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN');

/** Named before the errors of the network beneath them. */
export const DATABASES: readonly CatalogueEntry[] = [
  {
    id: 'postgresql-connection',
    title: 'The connection to PostgreSQL failed',
    matches: all(lostConnection, inPackage('pg', 'pg-pool', 'postgres')),
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

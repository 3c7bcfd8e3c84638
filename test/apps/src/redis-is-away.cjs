// A client of Redis where nothing listens, and no listener for its errors; the first argument names the package.
const url = 'redis://127.0.0.1:1';

if (process.argv[2] === 'redis') {
  const { createClient } = require('redis');
  const reconnectStrategy = () => new Error('gave up: CANARY-redis');
  createClient({ url, socket: { reconnectStrategy } }).connect();
} else {
  const Redis = require('ioredis');
  const client = new Redis(url, { maxRetriesPerRequest: 1, retryStrategy: () => 10 });
  client.on('error', () => {});
  const session = async () => {
    await client.get('session');
  };
  session();
}

import { all, inTopFunction, ofType } from './conditions.ts';
import type { CatalogEntry } from './known-cause.ts';

const DOCS = 'https://docs.ruby-lang.org/en/master';

/** Exceptions of Ruby; specific entries come first. */
export const RUBY: readonly CatalogEntry[] = [
  {
    id: 'ruby-database-unreachable',
    title: 'The database could not be reached',
    matches: ofType(
      /^(?:PG\.ConnectionBad|PG\.UnableToSend|Mysql2\.Error\.ConnectionError|Trilogy\.(?:BaseConnectionError|ConnectionClosed)|ActiveRecord\.(?:ConnectionNotEstablished|DatabaseConnectionError|ConnectionFailed|NoDatabaseError)|Sequel\.DatabaseConnectionError|Mongo\.Error\.NoServerAvailable)$/,
    ),
    meaning: 'The app could not connect to its database, or lost the connection, and nothing rescued it.',
    steps: [
      'Check that the database is running, and that host, port, name and credentials are correct.',
      'Make the app wait for its database at start, or retry.',
    ],
    link: 'https://guides.rubyonrails.org/configuring.html#configuring-a-database',
  },
  {
    id: 'ruby-redis-unreachable',
    title: 'Redis could not be reached',
    matches: ofType(
      /^(?:Redis\.(?:CannotConnectError|ConnectionError|TimeoutError)|RedisClient\.(?:CannotConnectError|ConnectionError|ReadTimeoutError))$/,
    ),
    meaning: 'The app could not connect to Redis, or lost the connection, and nothing rescued it.',
    steps: [
      'Check that Redis is running, and that its URL is correct.',
      'Configure reconnect_attempts of the client.',
    ],
    link: 'https://github.com/redis/redis-rb',
  },
  {
    id: 'ruby-credentials-key-missing',
    title: 'Rails could not decrypt its credentials',
    matches: ofType(
      /^(?:ActiveSupport\.EncryptedFile\.(?:MissingKeyError|InvalidKeyLengthError)|ActiveSupport\.MessageEncryptor\.InvalidMessage)$/,
    ),
    meaning: 'The key for the encrypted credentials is missing, or it is the wrong one.',
    steps: [
      'Set RAILS_MASTER_KEY in the environment of the worker, or provide config/master.key.',
      'Check that the key belongs to the credentials of this environment.',
    ],
    link: 'https://guides.rubyonrails.org/security.html#custom-credentials',
  },
  {
    id: 'ruby-library-missing',
    title: 'A required file or gem was not found',
    matches: ofType(
      /^(?:LoadError|Gem\.(?:MissingSpecError|MissingSpecVersionError|LoadError|ConflictError)|Bundler\.(?:GemNotFound|GemfileNotFound))$/,
    ),
    meaning: 'Ruby could not find a file or a gem that the app requires, or not in a fitting version.',
    steps: [
      'Run bundle install where the app runs, and start the app with bundle exec.',
      'Check BUNDLE_WITHOUT: the gem can be in a group that is not installed in production.',
      'For a gem with native code, check that its system library is installed.',
    ],
    link: 'https://bundler.io/guides/getting_started.html',
  },
  {
    id: 'ruby-syntax-error',
    title: 'Ruby could not parse a file',
    matches: ofType(/^SyntaxError$/),
    meaning: 'A file of the app has a syntax error, or needs a newer version of Ruby.',
    steps: [
      'Run ruby -c on the file.',
      'Compare the version of Ruby with the one that the app was developed with.',
    ],
    link: `${DOCS}/SyntaxError.html`,
  },
  {
    id: 'ruby-setting-missing',
    title: 'A key or an environment variable was missing',
    matches: all(ofType(/^KeyError$/), inTopFunction(/(?:^|[.#])fetch(?:_values)?$/)),
    meaning:
      'fetch found no value for a key and had no default. With ENV.fetch, an environment variable is not set.',
    steps: [
      'Check the line in the first frame of your code: which key, and of which object.',
      'Set the variable, or give fetch a default.',
    ],
    link: `${DOCS}/KeyError.html`,
  },
  {
    id: 'ruby-undefined-method',
    title: 'An object did not have the called method',
    matches: ofType(/^NoMethodError$/),
    meaning: 'A method was called on an object that does not have it, most often on nil.',
    steps: [
      'Check in the first frame of your code which value can be nil, and why.',
      'Use &. only where nil is expected; otherwise check the value where it is created.',
    ],
    link: `${DOCS}/NoMethodError.html`,
  },
  {
    id: 'ruby-undefined-name',
    title: 'An undefined variable, method or constant',
    matches: ofType(/^NameError$/),
    meaning:
      'The code uses a name that is not defined: misspelled, not in scope, or a constant whose file is not loaded.',
    steps: [
      'Check the name in the first frame of your code.',
      'For a constant in Rails, run bin/rails zeitwerk:check.',
    ],
    link: `${DOCS}/NameError.html`,
  },
  {
    id: 'ruby-frozen-object',
    title: 'A frozen object was modified',
    matches: ofType(/^FrozenError$/),
    meaning: 'The code modified an object that is frozen, such as a string literal, a symbol or a constant.',
    steps: ['Work on a copy (dup, or + before a string) in the first frame of your code.'],
    link: `${DOCS}/FrozenError.html`,
  },
  {
    id: 'ruby-deadlock',
    title: 'All threads were waiting for each other',
    matches: ofType(/^fatal$/),
    meaning:
      'No thread could continue: each waited for a lock, a queue or another thread. Ruby then ends the process.',
    steps: [
      'Check what the frames wait for: a join, a Queue or a Mutex.',
      'Always take several locks in the same order, and close queues that get no more items.',
    ],
    link: `${DOCS}/Thread.html`,
  },
  {
    id: 'ruby-port-in-use',
    title: 'The port was in use',
    matches: ofType(/^Errno\.EADDRINUSE$/),
    meaning: 'Another process, or an earlier worker that still runs, listens on the same port.',
    steps: ['Find it with ss -ltnp.', 'Stop it, or configure another port.'],
    link: null,
  },
  {
    id: 'ruby-connection-failed',
    title: 'A connection failed',
    matches: ofType(
      /^(?:Errno\.(?:ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)|SocketError|Socket\.ResolutionError|Net\.(?:OpenTimeout|ReadTimeout))$/,
    ),
    meaning:
      'A network connection was refused, lost, timed out, or its host was not found, and nothing rescued it.',
    steps: [
      'Check in the first frame of your code what it connects to, and whether that service is running.',
      'Rescue the error there, and retry with a limit.',
    ],
    link: null,
  },
  {
    id: 'ruby-file-missing',
    title: 'A file was missing or not accessible',
    matches: ofType(/^Errno\.(?:ENOENT|EACCES|ENOTDIR|EISDIR)$/),
    meaning: 'The code opened a file that does not exist, or that its user cannot access.',
    steps: [
      'Check the path in the first frame of your code, and the working directory of the worker.',
      'Check owner and permissions of the file.',
    ],
    link: `${DOCS}/Errno.html`,
  },
  {
    id: 'ruby-out-of-memory',
    title: 'Ruby could not allocate memory',
    matches: ofType(/^NoMemoryError$/),
    meaning: 'The system refused memory: a limit of the process was reached, or one object was very large.',
    steps: [
      'Compare the memory limit (ulimit -v, cgroup) with the memory use of the process.',
      'Read large files and query results in parts.',
    ],
    link: `${DOCS}/NoMemoryError.html`,
  },
];

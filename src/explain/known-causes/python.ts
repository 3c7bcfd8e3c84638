import type { CrashFacts } from '../../model/crash-facts.ts';
import { all, inTopFunction, ofType } from './conditions.ts';
import type { CatalogEntry } from './known-cause.ts';

const DOCS = 'https://docs.python.org/3';

/** `os.environ["NAME"]` */
function inEnvironment({ frames }: CrashFacts): boolean {
  return frames[0]?.function === '__getitem__' && /(?:^<frozen os>|\/os\.py)$/.test(frames[0].file ?? '');
}

/** Exceptions of Python; specific entries come first. */
export const PYTHON: readonly CatalogEntry[] = [
  {
    id: 'python-module-missing',
    title: 'A Python module was not found',
    matches: ofType(/^ModuleNotFoundError$/),
    meaning: 'An import names a module that is not installed, or not where this Python looks for it.',
    steps: [
      'Install the requirements into the environment that runs the app, and start the app with its python.',
      'For a module of the app, check the working directory and PYTHONPATH.',
    ],
    link: `${DOCS}/library/sys_path_init.html`,
  },
  {
    id: 'python-import-failed',
    title: 'A name could not be imported',
    matches: ofType(/^ImportError$/),
    meaning:
      'The module exists, but the imported name does not, or a shared library could not be loaded. Common reasons are another version of a package, a circular import and a file that has the name of a package.',
    steps: [
      'Compare the installed version of the package with the one that the app needs.',
      'Check whether the modules in the stack import each other.',
      'For a compiled module, check that its system libraries are installed.',
    ],
    link: `${DOCS}/library/exceptions.html#ImportError`,
  },
  {
    id: 'python-syntax-error',
    title: 'Python could not parse a file',
    matches: ofType(/^(?:SyntaxError|IndentationError|TabError)$/),
    meaning: 'A file has a syntax error, or needs a newer version of Python.',
    steps: [
      'Run python -m py_compile on the file.',
      'Compare the version of Python with the one that the app was developed with.',
    ],
    link: `${DOCS}/library/exceptions.html#SyntaxError`,
  },
  {
    id: 'python-environment-variable-missing',
    title: 'An environment variable is not set',
    matches: all(ofType(/^KeyError$/), inEnvironment),
    meaning: 'The app read a variable from os.environ that the worker does not have.',
    steps: [
      'Check the line in the first frame of your code for the name of the variable.',
      'Set it in the environment of the worker, or read it with os.environ.get and a default.',
    ],
    link: `${DOCS}/library/os.html#os.environ`,
  },
  {
    id: 'python-key-missing',
    title: 'A key was not found',
    matches: (facts) => ofType(/^KeyError$/)(facts) && !inEnvironment(facts),
    meaning: 'A key was looked up that the dictionary, or whatever else has keys, does not have.',
    steps: [
      'Check in the first frame of your code, in the stack of the KeyError, which key can be missing, and why.',
      'Use get with a default, or check the data where it enters the app.',
    ],
    link: `${DOCS}/library/exceptions.html#KeyError`,
  },
  {
    id: 'python-attribute-missing',
    title: 'An object has no such attribute',
    matches: ofType(/^AttributeError$/),
    meaning: 'An attribute or method was read that the object does not have. Most often the value is None.',
    steps: [
      'Check in the first frame of your code which value can be None, and why.',
      'If it is an attribute of a module, compare the installed version of the package.',
    ],
    link: `${DOCS}/library/exceptions.html#AttributeError`,
  },
  {
    id: 'python-name-undefined',
    title: 'A name is not defined',
    matches: ofType(/^(?:NameError|UnboundLocalError)$/),
    meaning: 'The code uses a variable, function or class that is not defined there, or not yet.',
    steps: [
      'Check the name in the first frame of your code: spelling, import, and branches that do not assign it.',
      'A linter such as ruff or pyflakes finds these without running the code.',
    ],
    link: `${DOCS}/library/exceptions.html#NameError`,
  },
  {
    id: 'python-recursion',
    title: 'The recursion limit of Python was reached',
    matches: ofType(/^RecursionError$/),
    meaning:
      'Functions called each other deeper than sys.getrecursionlimit() allows, most often without end.',
    steps: [
      'Check the functions that repeat in the stack, and the condition that ends the recursion.',
      'Look for data that contains itself, and for __getattr__ or __repr__ that call themselves.',
    ],
    link: `${DOCS}/library/exceptions.html#RecursionError`,
  },
  {
    id: 'python-out-of-memory',
    title: 'Python could not allocate memory',
    matches: ofType(/^MemoryError$/),
    meaning: 'An allocation failed: the memory limit was reached, or the requested size is wrong.',
    steps: [
      'Check the size of what the first frame of your code creates.',
      'Compare the memory limit (ulimit -v, cgroup) with the memory use of the process.',
    ],
    link: `${DOCS}/library/exceptions.html#MemoryError`,
  },
  {
    id: 'python-address-not-bound',
    title: 'The server could not bind its address',
    matches: all(
      ofType(/^(?:OSError|PermissionError)$/),
      inTopFunction(/^(?:server_bind|bind|bind_sockets|bind_socket|create_server|create_sockets)$/),
    ),
    meaning:
      'The port is in use, the address is not of this host, or the user is not allowed to use the port.',
    steps: [
      'Find the process that has the port (ss -ltnp), and check whether a second instance runs.',
      'For a port below 1024, use another one or grant CAP_NET_BIND_SERVICE.',
    ],
    link: `${DOCS}/library/socket.html#socket.socket.bind`,
  },
  {
    id: 'python-database-unreachable',
    title: 'Python could not reach its database',
    matches: ofType(
      /^(?:psycopg2?\.(?:errors\.)?OperationalError|psycopg\.errors\.ConnectionTimeout|(?:django\.db\.utils|sqlalchemy\.exc|peewee|MySQLdb(?:\._exceptions)?|pymysql\.err)\.OperationalError|mysql\.connector\.errors\.(?:InterfaceError|DatabaseError)|asyncpg\.exceptions\.(?:CannotConnectNowError|ConnectionDoesNotExistError|TooManyConnectionsError)|pymongo\.errors\.(?:ServerSelectionTimeoutError|AutoReconnect|NetworkTimeout))$/,
    ),
    meaning:
      'The app could not connect to its database, lost the connection, or the database refused the operation.',
    steps: [
      'Check that the database is running, and that host, port, name and credentials are correct.',
      'Make the app wait for its database at start, or retry.',
    ],
    link: 'https://peps.python.org/pep-0249/#operationalerror',
  },
  {
    id: 'python-redis-unreachable',
    title: 'Python could not reach Redis',
    matches: ofType(/^(?:redis|valkey)\.exceptions\.(?:ConnectionError|TimeoutError|BusyLoadingError)$/),
    meaning: 'The app could not connect to Redis, or lost the connection, and nothing caught the exception.',
    steps: ['Check that Redis is running, and that its URL is correct.', 'Configure retries of the client.'],
    link: 'https://redis.readthedocs.io/en/stable/retry.html',
  },
  {
    id: 'python-connection-failed',
    title: 'A network connection failed',
    matches: ofType(
      /^(?:ConnectionRefusedError|ConnectionResetError|socket\.gaierror|(?:requests\.exceptions|urllib3\.exceptions|httpx|httpcore|aiohttp\.client_exceptions)\.(?:ConnectionError|ConnectTimeout|ReadTimeout|ConnectError|NewConnectionError|MaxRetryError|ClientConnectorError|ClientConnectorDNSError)|urllib\.error\.URLError)$/,
    ),
    meaning:
      'Another service was not reachable, its name could not be resolved, or it closed the connection.',
    steps: [
      'Check the host and port that the first frame of your code connects to, and that the service runs.',
      'Catch the exception where the app can continue without the service, or retry.',
    ],
    link: `${DOCS}/library/exceptions.html#ConnectionError`,
  },
  {
    id: 'python-django-settings',
    title: 'Django is not configured correctly',
    matches: ofType(/^django\.core\.exceptions\.ImproperlyConfigured$/),
    meaning: 'A setting is missing or wrong, or DJANGO_SETTINGS_MODULE is not set.',
    steps: [
      'Set DJANGO_SETTINGS_MODULE in the environment of the worker.',
      'Run python manage.py check --deploy with the same environment.',
    ],
    link: 'https://docs.djangoproject.com/en/stable/topics/settings/',
  },
  {
    id: 'python-invalid-settings',
    title: 'Data did not pass validation',
    matches: ofType(
      /^(?:pydantic_core\._pydantic_core|pydantic\.error_wrappers|pydantic\.v1\.error_wrappers)\.ValidationError$/,
    ),
    meaning:
      'Pydantic rejected data, and nothing caught the exception. At start, these are most often settings from the environment.',
    steps: [
      'Read the names of the fields in the last output of the worker.',
      'If they are settings, compare them with the environment of the worker.',
    ],
    link: 'https://docs.pydantic.dev/latest/errors/errors/',
  },
  {
    id: 'python-file-missing',
    title: 'A file or directory does not exist',
    matches: ofType(/^FileNotFoundError$/),
    meaning: 'The app opened a file, or started a program, that does not exist.',
    steps: [
      'Check the working directory of the worker: relative paths start there.',
      'Check in the first frame of your code which path it opens.',
    ],
    link: `${DOCS}/library/exceptions.html#FileNotFoundError`,
  },
  {
    id: 'python-permission-denied',
    title: 'A file or directory is not accessible',
    matches: (facts) =>
      ofType(/^PermissionError$/)(facts) &&
      !/^(?:server_bind|bind|create_server)/.test(facts.frames[0]?.function ?? ''),
    meaning: 'The user that runs the worker is not allowed to do this with the file or directory.',
    steps: ['Check the owner and mode of the path that the first frame of your code uses.'],
    link: `${DOCS}/library/exceptions.html#PermissionError`,
  },
  {
    id: 'python-invalid-json',
    title: 'A text is not valid JSON',
    matches: ofType(/^json\.decoder\.JSONDecodeError$/),
    meaning: 'json.loads or json.load got a text that is empty, cut off, or not JSON.',
    steps: [
      'Check in the first frame of your code where the text comes from.',
      'Check the status of the response before you parse it.',
    ],
    link: `${DOCS}/library/json.html#json.JSONDecodeError`,
  },
];

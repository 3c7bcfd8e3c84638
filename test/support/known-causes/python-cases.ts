import { type CauseCases, thrown } from './cause-cases.ts';

const python = (type: string, stack?: string) => thrown('python', type, stack);
const ENVIRON = '__getitem__ [python] (<frozen os>)\nload (config.py:3:1)';
const BIND = 'server_bind [python] (python3.11/socketserver.py)\nmain (app.py:3:1)';

export const PYTHON_CASES: Readonly<Record<string, CauseCases>> = {
  'python-module-missing': { matches: [python('ModuleNotFoundError')], misses: [python('ImportError')] },
  'python-import-failed': { matches: [python('ImportError')], misses: [python('ModuleNotFoundError')] },
  'python-syntax-error': {
    matches: [python('SyntaxError'), python('IndentationError')],
    misses: [python('ValueError')],
  },
  'python-environment-variable-missing': {
    matches: [python('KeyError', ENVIRON)],
    misses: [python('KeyError', 'load (config.py:3:1)'), python('TypeError', ENVIRON)],
  },
  'python-key-missing': {
    matches: [python('KeyError'), python('KeyError', 'total (cart.py:3:1)')],
    misses: [python('KeyError', ENVIRON), python('IndexError')],
  },
  'python-attribute-missing': { matches: [python('AttributeError')], misses: [python('TypeError')] },
  'python-name-undefined': {
    matches: [python('NameError'), python('UnboundLocalError')],
    misses: [python('AttributeError')],
  },
  'python-recursion': { matches: [python('RecursionError')], misses: [python('RuntimeError')] },
  'python-out-of-memory': { matches: [python('MemoryError')], misses: [python('BufferError')] },
  'python-address-not-bound': {
    matches: [python('OSError', BIND), python('PermissionError', BIND)],
    misses: [python('OSError', 'load (cart.py:3:1)')],
  },
  'python-database-unreachable': {
    matches: [
      python('psycopg2.OperationalError'),
      python('sqlalchemy.exc.OperationalError'),
      python('pymongo.errors.ServerSelectionTimeoutError'),
    ],
    misses: [python('psycopg2.errors.UniqueViolation'), python('sqlalchemy.exc.IntegrityError')],
  },
  'python-redis-unreachable': {
    matches: [python('redis.exceptions.ConnectionError')],
    misses: [python('redis.exceptions.ResponseError')],
  },
  'python-connection-failed': {
    matches: [python('ConnectionRefusedError'), python('requests.exceptions.ConnectionError')],
    misses: [python('requests.exceptions.HTTPError'), python('BrokenPipeError')],
  },
  'python-django-settings': {
    matches: [python('django.core.exceptions.ImproperlyConfigured')],
    misses: [python('django.core.exceptions.AppRegistryNotReady')],
  },
  'python-invalid-settings': {
    matches: [python('pydantic_core._pydantic_core.ValidationError')],
    misses: [python('marshmallow.exceptions.ValidationError')],
  },
  'python-file-missing': { matches: [python('FileNotFoundError')], misses: [python('FileExistsError')] },
  'python-permission-denied': {
    matches: [python('PermissionError'), python('PermissionError', 'load (cart.py:3:1)')],
    misses: [python('PermissionError', BIND)],
  },
  'python-invalid-json': {
    matches: [python('json.decoder.JSONDecodeError')],
    misses: [python('tomllib.TOMLDecodeError')],
  },
};

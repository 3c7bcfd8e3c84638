import { type CauseCases, thrown } from './cause-cases.ts';

const ruby = (type: string, stack?: string) => thrown('ruby', type, stack);

export const RUBY_CASES: Readonly<Record<string, CauseCases>> = {
  'ruby-database-unreachable': {
    matches: [ruby('PG::ConnectionBad'), ruby('ActiveRecord::ConnectionNotEstablished')],
    misses: [ruby('PG::UniqueViolation'), ruby('ActiveRecord::RecordNotFound')],
  },
  'ruby-redis-unreachable': {
    matches: [ruby('Redis::CannotConnectError')],
    misses: [ruby('Redis::CommandError')],
  },
  'ruby-credentials-key-missing': {
    matches: [ruby('ActiveSupport::MessageEncryptor::InvalidMessage')],
    misses: [ruby('ActiveSupport::MessageVerifier::InvalidSignature')],
  },
  'ruby-library-missing': {
    matches: [ruby('LoadError'), ruby('Bundler::GemNotFound')],
    misses: [ruby('NameError')],
  },
  'ruby-syntax-error': { matches: [ruby('SyntaxError')], misses: [ruby('RegexpError')] },
  'ruby-setting-missing': {
    matches: [
      ruby('KeyError', 'fetch (config/app.rb:3:1)'),
      ruby('KeyError', 'Hash#fetch (config/app.rb:3:1)'),
    ],
    misses: [ruby('KeyError', 'load (config/app.rb:3:1)'), ruby('IndexError', 'fetch (config/app.rb:3:1)')],
  },
  'ruby-undefined-method': { matches: [ruby('NoMethodError')], misses: [ruby('NameError')] },
  'ruby-undefined-name': { matches: [ruby('NameError')], misses: [ruby('NoMethodError')] },
  'ruby-frozen-object': { matches: [ruby('FrozenError')], misses: [ruby('RuntimeError')] },
  'ruby-deadlock': { matches: [ruby('fatal')], misses: [ruby('ThreadError')] },
  'ruby-port-in-use': { matches: [ruby('Errno::EADDRINUSE')], misses: [ruby('Errno::EADDRNOTAVAIL')] },
  'ruby-connection-failed': {
    matches: [ruby('Errno::ECONNREFUSED'), ruby('Net::ReadTimeout')],
    misses: [ruby('Errno::EPIPE')],
  },
  'ruby-file-missing': { matches: [ruby('Errno::ENOENT')], misses: [ruby('Errno::ENOSPC')] },
  'ruby-out-of-memory': { matches: [ruby('NoMemoryError')], misses: [ruby('SystemStackError')] },
};

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CauseCases } from '../../../test/support/known-causes/cause-cases.ts';
import { abort, COMPILED_CASES } from '../../../test/support/known-causes/compiled-cases.ts';
import { DOTNET_CASES } from '../../../test/support/known-causes/dotnet-cases.ts';
import { ERLANG_CASES } from '../../../test/support/known-causes/erlang-cases.ts';
import { JAVA_CASES } from '../../../test/support/known-causes/java-cases.ts';
import { NATIVE_CASES } from '../../../test/support/known-causes/native-cases.ts';
import { PERL_CASES } from '../../../test/support/known-causes/perl-cases.ts';
import { PHP_CASES } from '../../../test/support/known-causes/php-cases.ts';
import { PYTHON_CASES } from '../../../test/support/known-causes/python-cases.ts';
import { RUBY_CASES } from '../../../test/support/known-causes/ruby-cases.ts';
import { crash } from '../../../test/support/signature/stacks.ts';
import { type CrashFacts, factsOfExit } from '../../model/crash-facts.ts';
import { CRASH_KINDS } from '../../model/exit.ts';
import type { FaultSummary } from '../../model/fault.ts';
import { CATALOG, knownCauses } from './known-causes.ts';

const LISTEN = `Server.setupListenHandle [as _listen2] (node:net:1940:16)\nlistenInCluster (node:net:1997:12)`;
const CONNECT = 'TCPConnectWrap.afterConnect [as oncomplete] (node:net:1634:16)';
const OPEN = 'Object.readFileSync (node:fs:441:20)\nload (src/a.ts:1:1)';
const SPAWN = 'ChildProcess._handle.onexit (node:internal/child_process:285:19)';
const WATCH = 'FSWatcher.<computed> (node:internal/fs/watchers:255:19)';

const coded = (code: string, stack = 'load (src/a.ts:1:1)', more: Partial<CrashFacts> = {}) =>
  crash({ exceptionType: 'Error', code, stack, ...more });
const ADDON = { name: 'canvas', version: '1.2.3', forOtherNode: false };
const sql = (code: string) => coded(code, 'query (src/a.ts:1:1)', { exceptionType: 'DatabaseError' });
const fault = (summary: FaultSummary, stack = 'work <!server>', more: Partial<CrashFacts> = {}) =>
  crash({
    kind: 'fault',
    exceptionType: null,
    signal: 'SIGSEGV',
    fault: { summary, siCode: null, addressClass: null, systemCall: null, abortKind: null },
    stack,
    ...more,
  });
const exit = (code: number, stack?: string) =>
  crash({ ...factsOfExit('exit', { type: 'code', code }), ...(stack === undefined ? {} : { stack }) });
const cause = (code: string) => [{ exceptionType: 'Error', code, frames: [], members: [] }];

/** Of each entry: crashes whose first known cause it is, and near misses that it says nothing about. */
const CASES: Record<string, CauseCases> = {
  ...NATIVE_CASES,
  ...PYTHON_CASES,
  ...RUBY_CASES,
  ...PHP_CASES,
  ...PERL_CASES,
  ...ERLANG_CASES,
  ...JAVA_CASES,
  ...DOTNET_CASES,
  'port-in-use': {
    matches: [coded('EADDRINUSE', LISTEN)],
    misses: [coded('EADDRINUSE', CONNECT), coded('EACCES', LISTEN)],
  },
  'ports-exhausted': { matches: [coded('EADDRINUSE', CONNECT)], misses: [coded('EADDRINUSE', LISTEN)] },
  'port-not-permitted': { matches: [coded('EACCES', LISTEN)], misses: [coded('EACCES', OPEN)] },
  'refused-without-listener': {
    matches: [
      coded('ECONNREFUSED', CONNECT),
      coded('ECONNREFUSED', CONNECT, { kind: 'rejection', emitter: 'Socket' }),
    ],
    misses: [
      coded('ECONNREFUSED', CONNECT, { kind: 'rejection' }),
      coded('ECONNREFUSED'),
      coded('ECONNREFUSED', `${CONNECT}\nload (src/a.ts:1:1)`),
    ],
  },
  'connection-refused': {
    matches: [
      coded('ECONNREFUSED', CONNECT, { kind: 'rejection' }),
      crash({ stack: 'load (src/a.ts:1:1)', causes: cause('ECONNREFUSED') }),
    ],
    misses: [coded('ECONNRESET')],
  },
  'connection-reset': { matches: [coded('ECONNRESET')], misses: [coded('ECONNABORTED')] },
  'broken-pipe': { matches: [coded('EPIPE')], misses: [coded('ECONNRESET')] },
  'host-not-found': { matches: [coded('ENOTFOUND')], misses: [coded('ENOENT')] },
  'name-service-unavailable': { matches: [coded('EAI_AGAIN')], misses: [coded('ENOTFOUND')] },
  'connection-timed-out': { matches: [coded('ETIMEDOUT')], misses: [coded('ABORT_ERR')] },
  'certificate-expired': { matches: [coded('CERT_HAS_EXPIRED')], misses: [coded('CERT_NOT_YET_VALID')] },
  'certificate-not-trusted': {
    matches: [coded('SELF_SIGNED_CERT_IN_CHAIN')],
    misses: [coded('CERT_HAS_EXPIRED')],
  },
  'too-many-open-files': {
    matches: [coded('EMFILE', OPEN), coded('ENFILE', OPEN)],
    misses: [coded('EMFILE', WATCH), coded('ENOENT', OPEN)],
  },
  'too-many-watchers': { matches: [coded('ENOSPC', WATCH)], misses: [coded('ENOSPC', OPEN)] },
  'disk-full': { matches: [coded('ENOSPC', OPEN)], misses: [coded('ENOSPC', WATCH), coded('EDQUOT', OPEN)] },
  'program-not-found': { matches: [coded('ENOENT', SPAWN)], misses: [coded('ENOENT', OPEN)] },
  'file-not-found': {
    matches: [coded('ENOENT', OPEN)],
    misses: [coded('ENOENT', SPAWN), coded('ENOTDIR', OPEN)],
  },
  'module-not-found': {
    matches: [coded('MODULE_NOT_FOUND'), coded('ERR_MODULE_NOT_FOUND')],
    misses: [coded('ENOENT', OPEN)],
  },
  'require-of-es-module': { matches: [coded('ERR_REQUIRE_ESM')], misses: [coded('ERR_MODULE_NOT_FOUND')] },
  'postgresql-ended-connection': {
    matches: [sql('57P01'), sql('57014')],
    misses: [sql('23505'), coded('57XYZ')],
  },
  'postgresql-constraint': { matches: [sql('23505')], misses: [sql('40001'), coded('23999')] },
  'postgresql-transaction-conflict': { matches: [sql('40P01')], misses: [sql('23505')] },
  'postgresql-resources': { matches: [sql('53300')], misses: [sql('57P01'), coded('53000')] },
  'export-missing': {
    matches: [
      crash({
        exceptionType: 'SyntaxError',
        stack: '(server.mjs:2:10)\nModuleJob._instantiate (node:internal/modules/esm/module_job:213:21)',
      }),
    ],
    misses: [crash({ exceptionType: 'SyntaxError', stack: 'JSON.parse (<anonymous>)' })],
  },
  'syntax-error-in-file': {
    matches: [
      crash({
        exceptionType: 'SyntaxError',
        stack: '(routes.mjs:3:29)\ncompileSourceTextModule (node:internal/modules/esm/utils:346:16)',
      }),
      crash({
        exceptionType: 'SyntaxError',
        stack: '(a.js:3:29)\nwrapSafe (node:internal/modules/cjs/loader:1281:20)',
      }),
    ],
    misses: [
      crash({ exceptionType: 'SyntaxError', stack: 'JSON.parse (<anonymous>)\nload (src/a.ts:1:1)' }),
      crash({
        exceptionType: 'Error',
        stack: 'compileSourceTextModule (node:internal/modules/esm/utils:346:16)',
      }),
    ],
  },
  'addon-for-other-node': {
    matches: [coded('ERR_DLOPEN_FAILED', 'load (src/a.ts:1:1)', { addon: { ...ADDON, forOtherNode: true } })],
    misses: [coded('ERR_DLOPEN_FAILED')],
  },
  'addon-fatal-error': {
    matches: [abort('unknown', 'abort <libc.so.6>\nNapi::Error::Fatal <sqlite.node>')],
    misses: [abort('unknown')],
  },
  'fault-in-addon': {
    matches: [
      fault('null-access', 'decode <skia.node>\nload (src/a.ts:1:1)', { addon: ADDON }),
      { ...abort('double-free', 'decode <skia.node>'), addon: ADDON },
    ],
    misses: [fault('null-access')],
  },
  'answer-cut-off': {
    matches: [
      coded('UND_ERR_SOCKET'),
      crash({ stack: 'Fetch.onAborted (node:internal/deps/undici/undici:11350:53)' }),
      crash({ kind: 'rejection', causes: cause('UND_ERR_SOCKET') }),
    ],
    misses: [coded('ECONNRESET'), crash({ stack: 'Fetch.onAborted (src/a.ts:1:1)' })],
  },
  'heap-limit-of-thread': {
    matches: [
      crash({ kind: 'out-of-memory', stack: 'render (src/a.ts:1:1)\nnode::worker::Worker::Run <node>' }),
    ],
    misses: [crash({ kind: 'out-of-memory', stack: 'render (src/a.ts:1:1)\nnode::Start <node>' })],
  },
  'native-addon-not-loaded': { matches: [coded('ERR_DLOPEN_FAILED')], misses: [coded('MODULE_NOT_FOUND')] },
  'command-not-found': {
    matches: [exit(127)],
    misses: [exit(126), exit(127, 'quit (src/a.ts:1:1)'), exit(1)],
  },
  'headers-sent-twice': {
    matches: [coded('ERR_HTTP_HEADERS_SENT')],
    misses: [coded('ERR_HTTP_INVALID_STATUS_CODE')],
  },
  'error-event-without-listener': {
    matches: [coded('ERR_UNHANDLED_ERROR')],
    misses: [coded('ERR_UNHANDLED_REJECTION')],
  },
  'write-after-end': {
    matches: [coded('ERR_STREAM_WRITE_AFTER_END')],
    misses: [coded('ERR_STREAM_PUSH_AFTER_EOF')],
  },
  'worker-thread-out-of-memory': {
    matches: [coded('ERR_WORKER_OUT_OF_MEMORY')],
    misses: [coded('ERR_WORKER_PATH')],
  },
  'wrong-argument-for-node': {
    matches: [crash({ code: 'ERR_INVALID_ARG_TYPE', stack: OPEN })],
    misses: [crash({ stack: OPEN })],
  },
  'exit-in-error-handler': {
    matches: [
      exit(
        1,
        'process.exit (node:internal/process/per_thread:1:1)\n<anonymous> (src/main.ts:9:1)\nprocess.emit (node:events:519:28)\nprocess._fatalException (node:internal/process/execution:182:25)',
      ),
    ],
    misses: [
      exit(
        1,
        'shutdown (src/main.ts:9:1)\nprocess.processTicksAndRejections (node:internal/process/task_queues:95:5)',
      ),
    ],
  },
  'no-json': {
    matches: [
      crash({ exceptionType: 'SyntaxError', stack: 'JSON.parse (<anonymous>)\nload (src/a.ts:1:1)' }),
    ],
    misses: [crash({ exceptionType: 'SyntaxError', stack: 'load (src/a.ts:1:1)' })],
  },
  'value-of-wrong-kind': {
    matches: [crash({ stack: 'applyCoupon (src/cart.ts:1:1)' })],
    misses: [
      crash({ stack: 'Router.use [express] (node_modules/express/x.js:1:1)\nmain (src/a.ts:1:1)' }),
      crash({ exceptionType: 'RangeError', stack: 'applyCoupon (src/cart.ts:1:1)' }),
      crash({ code: 'ERR_X', stack: 'applyCoupon (src/cart.ts:1:1)' }),
      crash(),
    ],
  },
  'unhandled-rejection': {
    matches: [crash({ kind: 'rejection', exceptionType: 'Error', stack: 'load (src/a.ts:1:1)' })],
    misses: [crash({ exceptionType: 'Error', stack: 'load (src/a.ts:1:1)' })],
  },
  'postgresql-connection': {
    matches: [coded('ECONNRESET', 'Socket.<anonymous> [pg] (node_modules/pg/lib/client.js:1:1)')],
    misses: [
      coded('ECONNRESET'),
      crash({ exceptionType: 'Error', stack: 'query [pg] (node_modules/pg/lib/client.js:1:1)' }),
    ],
  },
  'prisma-cannot-start': {
    matches: [crash({ exceptionType: 'PrismaClientInitializationError' })],
    misses: [crash({ exceptionType: 'PrismaClientValidationError' })],
  },
  'prisma-connection': {
    matches: [crash({ exceptionType: 'PrismaClientKnownRequestError', code: 'P1017' })],
    misses: [crash({ exceptionType: 'PrismaClientKnownRequestError', code: 'P2002' }), coded('P1017')],
  },
  'mysql-connection-lost': { matches: [coded('PROTOCOL_CONNECTION_LOST')], misses: [coded('ER_DUP_ENTRY')] },
  'mongodb-connection': {
    matches: [crash({ exceptionType: 'MongoServerSelectionError' })],
    misses: [crash({ exceptionType: 'MongoServerError' })],
  },
  'redis-connection': {
    matches: [
      crash({ exceptionType: 'MaxRetriesPerRequestError' }),
      coded('ECONNREFUSED', 'connect [ioredis] (node_modules/ioredis/built/x.js:1:1)'),
    ],
    misses: [crash({ exceptionType: 'ReplyError' }), coded('ECONNREFUSED')],
  },
  'heap-limit': {
    matches: [factsOfExit('out-of-memory', { type: 'signal', signal: 'SIGABRT' })],
    misses: [factsOfExit('abort', { type: 'signal', signal: 'SIGABRT' })],
  },
  'killed-for-memory': {
    matches: [factsOfExit('oom-kill', { type: 'signal', signal: 'SIGKILL' })],
    misses: [factsOfExit('exit', { type: 'signal', signal: 'SIGKILL' })],
  },
  'endless-recursion': {
    matches: [
      crash({ kind: 'stack-overflow', exceptionType: 'RangeError', stack: 'walk (src/a.ts:1:1)' }),
      crash({ exceptionType: 'SystemStackError', runtime: { name: 'ruby', version: null } }),
      fault('stack-overflow', 'walk <!server> × 4000', { kind: 'stack-overflow' }),
    ],
    misses: [
      fault('stack-overflow'),
      crash({ exceptionType: 'RangeError', stack: 'walk (src/a.ts:1:1)' }),
      crash({
        ...{ kind: 'stack-overflow', exceptionType: 'java.lang.StackOverflowError' },
        runtime: { name: 'java', version: null },
      }),
    ],
  },
  'native-stack-overflow': {
    matches: [fault('stack-overflow')],
    misses: [fault('stack-overflow', 'walk <!server> × 4000'), fault('bad-access')],
  },
  'double-free': { matches: [abort('double-free')], misses: [abort('invalid-free')] },
  'heap-corruption': {
    matches: [abort('heap-corruption'), abort('invalid-free')],
    misses: [abort('double-free')],
  },
  'stack-smashing': { matches: [abort('stack-smashing')], misses: [abort('buffer-overflow')] },
  'buffer-overflow': { matches: [abort('buffer-overflow')], misses: [abort('stack-smashing')] },
  'failed-assertion': { matches: [abort('assertion')], misses: [abort('other-fatal')] },
  'illegal-instruction': {
    matches: [fault('illegal-instruction')],
    misses: [fault('illegal-instruction', 'V8_Fatal <node>\nv8::internal::Run <node>'), fault('trap')],
  },
  'mapped-file-cut': { matches: [fault('truncated-mapping')], misses: [fault('bus-error')] },
  'forbidden-system-call': { matches: [fault('forbidden-system-call')], misses: [fault('bad-system-call')] },
  'division-by-zero': { matches: [fault('integer-division')], misses: [fault('floating-point')] },
  'null-pointer': { matches: [fault('null-access')], misses: [fault('bad-access')] },
  'jump-to-no-code': { matches: [fault('bad-jump')], misses: [fault('protected-access')] },
  'defective-memory': { matches: [fault('memory-failure')], misses: [fault('bus-error')] },
  ...COMPILED_CASES,
};

test('every entry has its cases', () => {
  assert.deepEqual(Object.keys(CASES).toSorted(), CATALOG.map(({ id }) => id).toSorted());
});

for (const [id, { matches, misses }] of Object.entries(CASES)) {
  test(id, () => {
    const entry = CATALOG.find((candidate) => candidate.id === id);
    assert.ok(matches.length > 0 && misses.length > 0);
    for (const facts of matches) assert.equal(knownCauses(facts)[0]?.id, id, JSON.stringify(facts));
    for (const facts of misses) assert.equal(entry?.matches(facts), false, JSON.stringify(facts));
  });
}

test('no match, no guess', () => {
  const plain = { type: 'code', code: 1 } as const;
  const silent = CRASH_KINDS.filter((kind) => knownCauses(factsOfExit(kind, plain)).length === 0);
  assert.deepEqual(silent, ['exception', 'fault', 'abort', 'exit']);
  assert.deepEqual(knownCauses(crash({ exceptionType: 'Error', stack: 'load (src/a.ts:1:1)' })), []);
});

test('of another runtime, nothing is said that is meant for JavaScript', () => {
  const inApp = { exceptionType: 'TypeError', stack: 'applyCoupon (src/cart.rb:1:1)' };
  for (const name of ['ruby', 'perl', 'erlang'] as const) {
    assert.deepEqual(knownCauses(crash({ ...inApp, runtime: { name, version: null } })), []);
    const noMemory = crash({ kind: 'out-of-memory', exceptionType: null, runtime: { name, version: null } });
    assert.deepEqual(knownCauses(noMemory), []);
  }
  assert.deepEqual(knownCauses(crash(inApp)).length, 1);
});

test('at most three, the most particular first', () => {
  const many = crash({
    kind: 'rejection',
    causes: ['EADDRINUSE', 'ECONNRESET', 'EPIPE', 'ENOTFOUND'].flatMap(cause),
  });
  assert.equal(knownCauses(many).length, 3);
  const facts = coded('ECONNREFUSED', `connect [pg] (node_modules/pg/lib/client.js:1:1)\n${CONNECT}`);
  assert.deepEqual(
    knownCauses(facts).map(({ id }) => id),
    ['postgresql-connection', 'refused-without-listener'],
  );
});

test('of a wrapped error the innermost cause comes first', () => {
  const inner = (exceptionType: string, code: string | null, stack: string) => ({
    ...{ exceptionType, code, frames: [...crash({ stack }).frames], members: [] },
  });
  const wrapped = (cause: ReturnType<typeof inner>, more: Parameters<typeof crash>[0] = {}) =>
    knownCauses(
      crash({ exceptionType: 'TypeError', stack: 'wrap (src/wrap.ts:1:1)', causes: [cause], ...more }),
    ).map(({ id }) => id);
  const noJson = inner('SyntaxError', null, 'JSON.parse (<anonymous>)\nload (src/a.ts:1:1)');
  assert.deepEqual(wrapped(noJson), ['no-json']);
  assert.deepEqual(wrapped(noJson, { kind: 'rejection' }), ['no-json', 'unhandled-rejection']);
  assert.deepEqual(wrapped(inner('TypeError', null, 'load (src/a.ts:1:1)')), ['value-of-wrong-kind']);
  assert.deepEqual(wrapped(inner('Error', null, 'load (src/a.ts:1:1)')), []);
  const query = 'query [pg] (node_modules/pg/lib/client.js:1:1)\nload (src/a.ts:1:1)';
  assert.deepEqual(wrapped(inner('Error', 'ECONNREFUSED', CONNECT), { stack: query }), [
    'postgresql-connection',
    'connection-refused',
  ]);
});

test("an add-on is named with its version, and nothing is advised for code that is not the app's", () => {
  const inAddon = fault('null-access', 'decode <skia.node>', {
    addon: ADDON,
    runtime: { name: 'node', version: '20.1.0' },
  });
  assert.deepEqual(
    knownCauses(inAddon).map(({ id }) => id),
    ['fault-in-addon'],
  );
  assert.match(knownCauses(inAddon)[0]?.steps[0] ?? '', /^Update canvas \(this is 1\.2\.3\);/);
  assert.deepEqual(
    knownCauses(
      fault('null-access', 'f <node>\nload (src/a.ts:1:1)', { runtime: { name: 'node', version: '20.1.0' } }),
    ),
    [],
  );
});

test('texts are complete and short', () => {
  assert.equal(new Set(CATALOG.map(({ id }) => id)).size, CATALOG.length);
  assert.equal(new Set(CATALOG.map(({ title }) => title)).size, CATALOG.length);
  for (const { id, title, meaning, steps, link } of CATALOG) {
    assert.match(id, /^[a-z]+(?:-[a-z]+)*$/);
    assert.ok(title.length <= 60 && !title.endsWith('.'), title);
    assert.ok(meaning.length <= 320 && sentences(meaning) <= 3 && meaning.endsWith('.'), meaning);
    assert.ok(steps.length >= 1 && steps.length <= 5, id);
    for (const step of steps) assert.ok(step.length <= 180 && /^[A-Z].*\.$/.test(step), step);
    assert.ok(link === null || /^https:\/\/[\w.-]+\/[\w./#-]*$/.test(link), id);
  }
});

const sentences = (text: string) => text.match(/[.](?= [A-Z]|$)/g)?.length ?? 0;

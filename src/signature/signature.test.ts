import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { crash } from '../../test/support/signature/stacks.ts';
import type { CrashFacts } from '../model/crash-facts.ts';
import { factsOfExit } from '../model/crash-facts.ts';
import type { PublicFault } from '../model/fault.ts';
import { signatureOf } from './signature.ts';

const fault = (fields: Partial<PublicFault>): PublicFault => ({
  summary: 'null-access',
  siCode: 1,
  addressClass: 'null',
  systemCall: null,
  abortKind: null,
  ...fields,
});
const segv = (stack: string, fields: Partial<PublicFault> = {}) =>
  crash({ kind: 'fault', exceptionType: null, signal: 'SIGSEGV', fault: fault(fields), stack });
const aborted = (stack: string, abortKind: PublicFault['abortKind'], exceptionType: string | null = null) =>
  crash({
    kind: 'abort',
    exceptionType,
    signal: 'SIGABRT',
    fault: fault({ summary: 'abort', addressClass: null, abortKind }),
    stack,
  });

const EXPRESS = `
  Layer.handle [express] (node_modules/express/lib/router/layer.js:95:5)
  next [express] (node_modules/express/lib/router/route.js:149:13)
  process.processTicksAndRejections (node:internal/process/task_queues:95:5)`;

const same: Record<string, [CrashFacts, CrashFacts]> = {
  'other lines after an edit above': [
    crash({ stack: `applyCoupon (src/cart.ts:12:3)\ncheckout (src/shop.ts:40:2)${EXPRESS}` }),
    crash({ stack: `applyCoupon (src/cart.ts:19:7)\ncheckout (src/shop.ts:66:2)${EXPRESS}` }),
  ],
  'a rebuilt webpack bundle': [
    crash({ stack: `applyCoupon (dist/main.3f2a1b.js:1:20412)\na (dist/main.3f2a1b.js:1:99)` }),
    crash({ stack: `applyCoupon (dist/main.9c01de.js:1:20977)\nb (dist/main.9c01de.js:1:12)` }),
  ],
  'a rebuilt esbuild bundle': [
    crash({
      stack: `applyCoupon2 (dist/chunk-ABC12XYZ.mjs:1:2)\nasync checkout (dist/chunk-QWERTYUI.mjs:9:9)`,
    }),
    crash({
      stack: `applyCoupon3 (dist/chunk-ZZZ98QQQ.mjs:7:2)\nasync checkout (dist/chunk-ASDFGHJK.mjs:8:8)`,
    }),
  ],
  'a rebuilt vite bundle': [
    crash({ stack: 'applyCoupon$1 (assets/index-BxY12_z9.js:1:2)' }),
    crash({ stack: 'applyCoupon (assets/index-D0-aaQ3k.js:1:2)' }),
  ],
  'names minified differently': [
    crash({ stack: 'e.t (dist/server.js:1:1)\nObject.load (dist/server.js:1:9)' }),
    crash({ stack: 'n.ab (dist/server.js:1:3)\nexports.load (dist/server.js:1:8)' }),
  ],
  'another directory of a release': [
    crash({ stack: 'run (releases/20240101120000/src/job.js:1:1)' }),
    crash({ stack: 'run (releases/20240215093000/src/job.js:4:1)' }),
  ],
  'another version of a package': [
    crash({ stack: 'Query.submit [pg] (node_modules/.pnpm/pg@8.11.0/node_modules/pg/lib/query.js:1:1)' }),
    crash({ stack: 'Query.submit [pg] (node_modules/.pnpm/pg@8.12.3/node_modules/pg/lib/query.js:3:1)' }),
  ],
  'what a package does inside changed': [
    crash({
      stack:
        'deep [pg] (node_modules/pg/a.js)\nClient.query [pg] (node_modules/pg/b.js)\nload (src/a.ts:1:1)',
    }),
    crash({
      stack:
        'other [pg] (node_modules/pg/z.js)\nClient.query [pg] (node_modules/pg/b.js)\nload (src/a.ts:1:1)',
    }),
  ],
  'thrown before and after an await': [
    crash({ stack: `load (src/a.ts:1:1)\nhandler (src/b.ts:2:2)${EXPRESS}` }),
    crash({
      kind: 'rejection',
      stack: `async load (src/a.ts:1:1)\nasync Promise.all (index 2)\nasync handler (src/b.ts:2:2)`,
    }),
  ],
  'another middleware around it': [
    crash({ stack: `applyCoupon (src/cart.ts:12:3)${EXPRESS}\nauthenticate (src/auth.ts:3:3)` }),
    crash({
      stack: `applyCoupon (src/cart.ts:12:3)${EXPRESS}\nlogRequest (src/log.ts:3:3)\ncors (src/cors.ts:3:3)`,
    }),
  ],
  'with and without instrumentation': [
    crash({ stack: 'load (src/a.ts:1:1)\nmain (src/main.ts:2:2)' }),
    crash({
      stack:
        'load (src/a.ts:1:1)\nwrapped [@sentry/node] (node_modules/@sentry/node/x.js:1:1)\nmain (src/main.ts:2:2)',
    }),
  ],
  'compiled async functions': [
    crash({ stack: 'load (src/a.js:1:1)\nmain (src/main.js:2:2)' }),
    crash({
      stack:
        'load (src/a.js:1:1)\nGenerator.next (<anonymous>)\nfulfilled (src/a.js:5:1)\n__awaiter (src/a.js:4:1)\nmain (src/main.js:2:2)',
    }),
  ],
  'an endless recursion entered elsewhere': [
    crash({
      kind: 'stack-overflow',
      exceptionType: 'RangeError',
      stack:
        'visit (src/t.ts:1:1)\nwalk (src/t.ts:5:1)\nvisit (src/t.ts:1:1)\nwalk (src/t.ts:5:1)\nvisit (src/t.ts:1:1)',
    }),
    crash({
      kind: 'stack-overflow',
      exceptionType: 'RangeError',
      stack:
        'log (src/log.ts:1:1)\nwalk (src/t.ts:5:1) × 40\nvisit (src/t.ts:1:1) × 40\nwalk (src/t.ts:5:1)\nmain (src/m.ts:1:1)',
    }),
  ],
  'a recursion of another depth': [
    crash({ stack: 'leaf (src/t.ts:9:1)\nwalk (src/t.ts:5:1)\nwalk (src/t.ts:5:1)\nmain (src/m.ts:1:1)' }),
    crash({ stack: 'leaf (src/t.ts:9:1)\nwalk (src/t.ts:5:1) × 17\nmain (src/m.ts:1:1)' }),
  ],
  'C++ of another build and C library': [
    segv(`__memmove_avx_unaligned_erms <libc.so.6>
          app::Table<int>::find(int) const <!server> (src/table.cc:7)
          app::run(app::Args&) [clone .cold] <!server>
          main <!server>
          __libc_start_main_impl <libc.so.6>`),
    segv(`__memcpy_sse2_unaligned <libc-2.31.so>
          app::Table<long>::find <!server> (src/table.cc:19)
          app::run <!server>
          main <!server>
          __libc_start_main <libc-2.31.so>`),
  ],
  'compiler suffixes and lambdas': [
    segv('parse.constprop.0 <libfoo.so.1.2>\nmain::{lambda(int)#1}::operator()(int) const <!server>'),
    segv('parse.part.3.isra.1 <libfoo.so.1.4>\nmain::{lambda(long)#3}::operator()(long) const <!server>'),
  ],
  'Rust hashes and closures': [
    segv('app::load::h0123456789abcdef <!server>\napp::main::{closure#0} <!server>'),
    segv('app::load::hfedcba9876543210 <!server>\napp::main::{{closure}} <!server>'),
  ],
  "a double free, whatever the C library's insides": [
    aborted(
      'raise <libc.so.6>\nabort <libc.so.6>\nmalloc_printerr <libc.so.6>\n_int_free <libc.so.6>\nfree <libc.so.6>\ndrop_cart <!server>',
      'double-free',
    ),
    aborted(
      '__pthread_kill_implementation <libc.so.6>\nraise <libc.so.6>\nabort <libc.so.6>\n__libc_message <libc.so.6>\nmalloc_printerr <libc.so.6>\n_int_free <libc.so.6>\nfree <libc.so.6>\ndrop_cart <!server>',
      'double-free',
    ),
  ],
  "a signal handler of the app's own": [
    aborted(
      'raise <libc.so.6>\nabort <libc.so.6>\nonSegv <!server>\n__restore_rt <libc.so.6>\nparse <!server>',
      'unknown',
    ),
    aborted(
      'abort <libc.so.6>\nreport <!server>\nonSegv <!server>\n__restore_rt <libc.so.6>\nparse <!server>',
      'unknown',
    ),
  ],
  'out of memory, whatever the last allocation was': [
    crash({ kind: 'out-of-memory', exceptionType: null, stack: 'a1b (src/a.ts:1:1)' }),
    crash({ kind: 'out-of-memory', exceptionType: null, status: { type: 'signal', signal: 'SIGABRT' } }),
  ],
};

const different: Record<string, [CrashFacts, CrashFacts]> = {
  'two causes below one framework': [
    crash({ stack: `applyCoupon (src/cart.ts:12:3)${EXPRESS}` }),
    crash({ stack: `listOrders (src/orders.ts:12:3)${EXPRESS}` }),
  ],
  'one package failing for two callers': [
    crash({ stack: 'Client.query [pg] (node_modules/pg/b.js)\nloadCart (src/a.ts:1:1)' }),
    crash({ stack: 'Client.query [pg] (node_modules/pg/b.js)\nloadUser (src/b.ts:1:1)' }),
  ],
  'one caller in two packages': [
    crash({ stack: 'Client.query [pg] (node_modules/pg/b.js)\nload (src/a.ts:1:1)' }),
    crash({ stack: 'Redis.get [ioredis] (node_modules/ioredis/b.js)\nload (src/a.ts:1:1)' }),
  ],
  'one function of two files': [
    crash({ stack: 'load (src/a.ts:1:1)' }),
    crash({ stack: 'load (src/b.ts:1:1)' }),
  ],
  'two types': [
    crash({ stack: 'load (src/a.ts:1:1)' }),
    crash({ exceptionType: 'RangeError', stack: 'load (src/a.ts:1:1)' }),
  ],
  'two codes without a frame of the app': [
    crash({
      exceptionType: 'Error',
      code: 'ECONNREFUSED',
      stack: 'TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)',
    }),
    crash({
      exceptionType: 'Error',
      code: 'ETIMEDOUT',
      stack: 'TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)',
    }),
  ],
  'two methods below one wrapper': [
    crash({ stack: 'assertValid (src/check.ts:1:1)\nsaveCart (src/a.ts:1:1)' }),
    crash({ stack: 'assertValid (src/check.ts:1:1)\nsaveUser (src/b.ts:1:1)' }),
  ],
  'two causes wrapped at one place': [
    crash({
      stack: 'load (src/a.ts:1:1)',
      causes: [{ exceptionType: 'Error', code: 'ECONNREFUSED', frames: [], members: [] }],
    }),
    crash({
      stack: 'load (src/a.ts:1:1)',
      causes: [{ exceptionType: 'SyntaxError', code: null, frames: [], members: [] }],
    }),
  ],
  'two places that copy memory': [
    segv('__memmove_avx_unaligned_erms <libc.so.6>\nparse <!server>'),
    segv('__memmove_avx_unaligned_erms <libc.so.6>\nrender <!server>'),
  ],
  'a null pointer and one that was overwritten': [
    segv('parse <!server>'),
    segv('parse <!server>', { summary: 'general-protection', addressClass: 'non-canonical' }),
  ],
  'two faults in add-ons below one call': [
    segv('Png::decode <png.node>\nload (src/a.ts:1:1)'),
    segv('Jpeg::decode <jpeg.node>\nload (src/a.ts:1:1)'),
  ],
  'two recursions': [
    crash({ kind: 'stack-overflow', stack: 'walk (src/t.ts:5:1) × 90\nmain (src/m.ts:1:1)' }),
    crash({ kind: 'stack-overflow', stack: 'render (src/r.ts:5:1) × 90\nmain (src/m.ts:1:1)' }),
  ],
  'two exit codes without a stack': [
    factsOfExit('exit', { type: 'code', code: 1 }),
    factsOfExit('exit', { type: 'code', code: 78 }),
  ],
  'two C++ exceptions': [
    aborted('__cxa_throw <libstdc++.so.6>\nnext <!server>', 'uncaught-exception', 'std::out_of_range'),
    aborted('__cxa_throw <libstdc++.so.6>\nnext <!server>', 'uncaught-exception', 'std::bad_alloc'),
  ],
};

describe('crashes of one cause are one group', () => {
  for (const [name, [one, other]] of Object.entries(same)) {
    test(name, () => {
      assert.deepEqual(signatureOf(one).values, signatureOf(other).values, explained(one, other));
    });
  }
});

describe('crashes of two causes are two groups', () => {
  for (const [name, [one, other]] of Object.entries(different)) {
    test(name, () => {
      assert.notDeepEqual(signatureOf(one).values, signatureOf(other).values, explained(one, other));
    });
  }
});

function explained(...crashes: CrashFacts[]): string {
  return crashes.map((facts) => JSON.stringify(signatureOf(facts), null, 1)).join('\n');
}

test('titles', () => {
  const titles: [CrashFacts, string][] = [
    [crash({ stack: `applyCoupon (src/cart.ts:12:3)${EXPRESS}` }), 'TypeError in applyCoupon (src/cart.ts)'],
    [crash({ stack: 'Object.<anonymous> (src/main.ts:1:1)' }), 'TypeError in src/main.ts'],
    [
      crash({
        exceptionType: 'Error',
        code: 'ECONNREFUSED',
        stack: 'TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)',
      }),
      'Error ECONNREFUSED in TCPConnectWrap.afterConnect (node:net)',
    ],
    [
      crash({ stack: 'Router.use [express] (node_modules/express/x.js:1:1)' }),
      'TypeError in Router.use (express)',
    ],
    [
      segv('memcpy <libc.so.6>\nparse_header <libfoo.so.1>'),
      'SIGSEGV null access in parse_header (libfoo.so)',
    ],
    [
      aborted('abort <libc.so.6>\nfree <libc.so.6>\ndrop_cart <!server>', 'double-free'),
      'SIGABRT double free in drop_cart (server)',
    ],
    [
      aborted('__cxa_throw <libstdc++.so.6>\nnext <!server>', 'uncaught-exception', 'app::Oops<int>'),
      'SIGABRT app::Oops in next (server)',
    ],
    [
      crash({ kind: 'stack-overflow', exceptionType: 'RangeError', stack: 'walk (src/t.ts:5:1) × 90' }),
      'stack overflow in walk (src/t.ts)',
    ],
    [factsOfExit('exit', { type: 'code', code: 1 }), 'exit code 1, no call stack'],
    [factsOfExit('exception', { type: 'code', code: 1 }), 'uncaught exception (exit code 1), no call stack'],
    [factsOfExit('fault', { type: 'signal', signal: 'SIGSEGV' }), 'SIGSEGV, no call stack'],
    [factsOfExit('exit', { type: 'unknown' }), 'exit status unknown, no call stack'],
    [factsOfExit('oom-kill', { type: 'signal', signal: 'SIGKILL' }), 'OOM kill'],
    [factsOfExit('out-of-memory', { type: 'signal', signal: 'SIGABRT' }), 'out of memory (JavaScript heap)'],
    [
      crash({
        kind: 'exit',
        exceptionType: null,
        stack: 'shutdown (src/main.ts:9:1)\nboot (src/main.ts:2:1)',
      }),
      'exit code 1 in boot (src/main.ts)',
    ],
    [
      aborted('abort <libc.so.6>\nrust_begin_unwind <server>\napp::run <!server>', 'unknown'),
      'SIGABRT Rust panic in app::run (server)',
    ],
    [crash({ exceptionType: 'string' }), 'string, no call stack'],
  ];
  for (const [facts, title] of titles) assert.equal(signatureOf(facts).title, title, explained(facts));
});

test('says in words how it was formed', () => {
  const { parts } = signatureOf(
    crash({ stack: `JSON.parse (<anonymous>)\napplyCoupon (src/cart.ts:12:3)${EXPRESS}` }),
  );
  assert.deepEqual(
    parts.map(({ used, text, why }) => `${used ? '+' : '-'} ${text}: ${why}`),
    [
      '+ exception: kind of the crash',
      '+ TypeError: type of what was thrown',
      '+ JSON.parse (<anonymous>): used together with who called it',
      "+ applyCoupon (src/cart.ts): the app's own",
      '- 3 frames: further out than the package that called the app',
    ],
  );
  const [, , remark] = signatureOf(factsOfExit('exit', { type: 'code', code: 1 })).parts;
  assert.match(remark?.why ?? '', /all crashes without a stack and with the same exit/);
});

test('a value is a version and 16 hexadecimal digits; version 1 stays as it is', () => {
  const values = (facts: CrashFacts) => signatureOf(facts).values;
  // Groups that are stored were formed so. What changes these has to become a new version.
  assert.deepEqual(values(crash({ stack: `applyCoupon (src/cart.ts:12:3)${EXPRESS}` })), [
    'v1:991c4314895e62fc',
  ]);
  assert.deepEqual(values(segv('memcpy <libc.so.6>\nparse_header <libfoo.so.1>')), ['v1:1105d950dec9dfef']);
  assert.deepEqual(values(factsOfExit('exit', { type: 'code', code: 1 })), ['v1:b5e47c6bb028fde3']);
});

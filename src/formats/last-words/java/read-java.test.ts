import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LastWords, Vouchers, VouchingClass } from '../../../model/last-words.ts';
import { lastLines } from '../words-window.ts';
import { readJava } from './read-java.ts';

const SHOP: Readonly<Record<string, VouchingClass>> = {
  'com.shop.Cart': classOf('Cart.java', { total: [12, 13], '<clinit>': [3], lambda$total$0: [14] }),
  'com.shop.Main': classOf('Main.java', { main: [4, 5, 6], run: [8], '<clinit>': [2] }),
  'com.shop.Object$': classOf('Object.scala', { main: [6] }),
  'com.shop.Object': classOf('Object.scala', { main: [] }),
  'com.shop.Kt': { ...classOf('Shop.kt', { main: [7, 41] }), ownLines: 20 },
};

function classOf(sourceFile: string, methods: Record<string, number[]>): VouchingClass {
  const entries = Object.entries(methods).map(([name, lines]) => [name, new Set(lines)] as const);
  return { sourceFile, methods: new Map(entries), ownLines: null };
}

function read(text: string, classes = SHOP): LastWords | null {
  const vouchers: Vouchers = {
    readSource: () => null,
    program: null,
    readClass: (name) => classes[name] ?? null,
  };
  return readJava(lastLines(text), vouchers);
}

function summary(text: string, classes = SHOP): object | null {
  const words = read(text, classes);
  if (words === null) return null;
  const { error, causes } = words;
  const namesOf = ({ type, calls, refuted, ambiguous = 0 }: LastWords['error']) => ({
    type,
    calls: calls.map(({ function: name, line }) => `${name}:${line}`),
    refuted,
    ...(ambiguous > 0 ? { ambiguous } : {}),
  });
  return { ...namesOf(error), causes: causes.map(namesOf) };
}

const REAL = '\tat com.shop.Cart.total(Cart.java:12)\n\tat com.shop.Main.main(Main.java:5)\n';
const CALLS = ['com.shop.Cart.total:12', 'com.shop.Main.main:5'];

test('a call that the class does not have is part of the message', () => {
  for (const fake of ['Cart.pay(Cart.java:12)', 'Cart.total(Ada.java:12)', 'Cart.total(Cart.java:4111)']) {
    const found = summary(`Exception in thread "main" com.shop.CartError: x\n\tat com.shop.${fake}\n${REAL}`);
    assert.deepEqual(found, { type: 'com.shop.CartError', calls: CALLS, refuted: 1, causes: [] });
  }
});

test('above the calls of the program, a call of which the class is not found is as likely part of the message', () => {
  const text = `Exception in thread "main" com.shop.CartError: x\n\tat com.shop.Secret.f(S.java:1)\n${REAL}`;
  const left = { refuted: 0, ambiguous: 1 };
  assert.deepEqual(summary(text), { type: 'com.shop.CartError', calls: CALLS, ...left, causes: [] });
});

test('a cause in a message is none', () => {
  for (const fake of [
    'Caused by: a.SecretError: x',
    'x\nCaused by: a.SecretError: x\n\tat a.B.c(B.java:1)\n\t... 9 more',
  ]) {
    const found = summary(`Exception in thread "main" a.CartError: x\n${fake}\n${REAL}`);
    assert.deepEqual((found as { calls: unknown }).calls, CALLS);
    assert.deepEqual((found as { causes: unknown }).causes, []);
  }
});

test('a heading in a message is none', () => {
  const found = read(
    `Exception in thread "main" a.CartError: x\nException in thread "main" a.SecretError: y\n${REAL}`,
  );
  assert.equal(found?.error.type, 'a.CartError');
});

test('the stack of a process that it started is not its own', () => {
  const child = 'Exception in thread "main" a.ChildError: x\n\tat com.shop.Main.main(Main.java:4)\n';
  assert.equal(read(`${child}Exception in thread "main" a.CartError: y\n${REAL}`)?.error.type, 'a.CartError');
});

test('shared calls are those of the exception above', () => {
  const text = `Exception in thread "main" a.CartError: x\n${REAL}Caused by: a.RowError: y\n\tat com.shop.Main.run(Main.java:8)\n\t... 1 more\n`;
  assert.deepEqual(summary(text), {
    ...{ type: 'a.CartError', calls: CALLS, refuted: 0 },
    causes: [{ type: 'a.RowError', calls: ['com.shop.Main.run:8', 'com.shop.Main.main:5'], refuted: 0 }],
  });
});

test('without classes, calls count only if nothing but calls follows the heading', () => {
  const heading = 'Exception in thread "main" a.CartError: x\n';
  assert.deepEqual((summary(`${heading}${REAL}`, {}) as { calls: unknown }).calls, CALLS);
  assert.deepEqual(summary(`${heading}more\n${REAL}`, {}), {
    type: 'a.CartError',
    calls: [],
    ...{ refuted: 0, ambiguous: 2 },
    causes: [],
  });
});

test('an exception without a stack has none from what other threads logged', () => {
  const logged =
    'WARN failed\njava.io.IOException: x\n\tat com.shop.Main.run(Main.java:8)\n\tat java.base/java.lang.Thread.run(Thread.java:840)\n';
  assert.deepEqual(summary(`Exception in thread "main" java.lang.NullPointerException\n${logged}`), {
    ...{ type: 'java.lang.NullPointerException', calls: [], refuted: 0, ambiguous: 2, causes: [] },
  });
});

test('methods that were made at run time are left out', () => {
  const text = `Exception in thread "main" a.CartError\n\tat com.shop.Cart.lambda$total$0(Cart.java:14)\n\tat com.shop.Cart$$Lambda$1/0x00007fc33c000a08.run(Unknown Source)\n\tat jdk.proxy2/jdk.proxy2.$Proxy12.pay(Unknown Source)\n${REAL}`;
  assert.deepEqual((summary(text) as { calls: unknown }).calls, [
    'com.shop.Cart.lambda$total$0:14',
    ...CALLS,
  ]);
});

test('methods that a compiler added to call those of the source are left out', () => {
  const text =
    'Exception in thread "main" a.CartError: x\nmore\n\tat com.shop.Object$.main(Object.scala:6)\n\tat com.shop.Object.main(Object.scala)\n\tat com.shop.Kt.main(Shop.kt)\n';
  assert.deepEqual((summary(text) as { calls: unknown }).calls, ['com.shop.Object$.main:6']);
});

test('a line of inlined Kotlin code is none of the file', () => {
  const text =
    'Exception in thread "main" a.CartError\n\tat com.shop.Kt.main(Shop.kt:41)\n\tat com.shop.Kt.main(Shop.kt:7)\n';
  assert.deepEqual((summary(text) as { calls: unknown }).calls, [
    'com.shop.Kt.main:null',
    'com.shop.Kt.main:7',
  ]);
});

test('what toString prints is no type unless it is a class', () => {
  for (const text of ['Ada Lovelace', 'ada@example.org: no', '4111', 'Order: 4111'])
    assert.equal(read(`Exception in thread "main" ${text}\n${REAL}`)?.error.type, null);
});

test('a stack that was logged some lines ago is nothing', () => {
  const logged = `a.CartError: x\n${REAL}`;
  assert.equal(read(logged)?.handled, true);
  assert.equal(read(`${logged}${'GET /\n'.repeat(20)}`), null);
});

test('the handler failed', () => {
  const text =
    'Exception: java.lang.OutOfMemoryError thrown from the UncaughtExceptionHandler in thread "main"\n';
  assert.equal(read(text)?.error.type, 'java.lang.OutOfMemoryError');
});

/** Each would take minutes if a line were looked at again for each of the others. */
const HOSTILE = [
  'Exception in thread "main" a.CartError: x',
  'Caused by: a.CartError: x',
  '\t... 5 more',
  '\t... 100000 more',
  '\tat com.shop.Cart.total(Cart.java:12)',
  '\tat a.B.c(B.java:1)',
  '\tat com.shop.Cart.total(Cart.java:12)\nCaused by: a.CartError: x',
  '\tat com.shop.Cart.total(Cart.java:12)\nCaused by: a.CartError: x\n\t... 1 more',
  '\tSuppressed: a.CartError: x\n\t\tat a.B.c(B.java:1)',
  '# A fatal error has been detected by the Java Runtime Environment:',
  'Full report at:\nExecution error (X) at a/b (c.clj:1).',
  'a.CartError: x',
  `${'a.'.repeat(900)}Error`,
  `\tat ${'a.'.repeat(900)}b(C.java:1)`,
  `V  [libjvm.so+0x1]  ${'a'.repeat(900)}`,
];

test('a megabyte of anything is read', () => {
  for (const heading of [
    '',
    'Exception in thread "main" a.CartError: x\n',
    `Exception in thread "main" a.B\n${REAL}`,
  ]) {
    for (const unit of HOSTILE) {
      const text = `${unit}\n`.repeat(Math.ceil(1_000_000 / unit.length));
      for (const end of ['', REAL]) read(`${heading}${text}${end}`);
    }
  }
});

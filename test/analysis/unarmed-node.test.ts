import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import type { CrashFacts } from '../../src/model/crash-facts.ts';
import type { CrashReport } from '../../src/model/crash-report.ts';
import { redact } from '../../src/privacy/redact.ts';
import { signatureOf } from '../../src/signature/signature.ts';
import { valuesOfCapture } from '../../src/signature/signature-values.ts';
import { matrix } from '../support/matrix.ts';
import { nodeBinaries } from '../support/node-versions.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { reportOf } from './report-of.ts';
import { runToDeath } from './run-to-death.ts';
import { wordsReportOf } from './words-report-of.ts';

type Program = { file: string; text: string; since?: number };

const FAKE = 'private\\n    at alice (/srv/alice.js:1:1)\\n    at Object.<anonymous> (/srv/alice.js:4:1)';
const ORDER = 'function price(cart) { return cart.coupon.code; }\nfunction order() { price({}); }\n';
const PROGRAMS: Record<string, Program> = {
  CommonJS: { file: 'commonjs.cjs', text: `${ORDER}order();\n` },
  'an ES module': { file: 'esm.mjs', text: `${ORDER}order();\n` },
  'stripped types': {
    file: 'types.ts',
    text: 'type Cart = { coupon: string };\nfunction price(cart: Cart): string {\n  return cart.coupon.toUpperCase();\n}\nprice({} as Cart);\n',
    since: 24,
  },
  'a rejection': {
    file: 'rejection.mjs',
    text: 'async function load() { await 1; throw new RangeError("private"); }\nasync function order() { await load(); }\norder();\n',
  },
  'a chain of causes': {
    file: 'cause.cjs',
    text:
      'class OrderError extends Error {}\nfunction low() { null.total(); }\nfunction mid() { try { low(); } catch (cause) { throw new TypeError("private\\n b", { cause }); } }\n' +
      'function order() { try { mid(); } catch (cause) { throw new OrderError("private", { cause }); } }\norder();\n',
  },
  'members of an AggregateError': {
    file: 'aggregate.mjs',
    text: 'async function load(n) { await 1; throw new SyntaxError("private " + n); }\nasync function order() { await Promise.any([load(1), load(2)]); }\norder();\n',
  },
  'a code': {
    file: 'code.cjs',
    text: 'function read() { require("fs").readFileSync("/private/alice"); }\nread();\n',
  },
  'an event without a listener': {
    file: 'emitter.cjs',
    text: 'require("net").connect({ port: 1, host: "127.0.0.1" });\n',
  },
  'a function of the language': {
    file: 'parse.cjs',
    text: 'function parse() { JSON.parse("{private"); }\nparse();\n',
  },
  'a class with a name of its own': {
    file: 'named.cjs',
    text: 'class CouponError extends TypeError { constructor(m) { super(m); this.name = "CouponError"; this.code = "ERR_COUPON"; this.card = { n: "private" }; } }\nfunction pay() { throw new CouponError("private"); }\npay();\n',
  },
  'a timer': {
    file: 'timer.cjs',
    text: 'function expire() { throw new RangeError("private"); }\nsetTimeout(expire, 1);\n',
  },
  'a timer without a name': {
    file: 'nameless.cjs',
    text: 'setTimeout(() => { throw new RangeError("private"); }, 1);\n',
  },
  'a request handler': {
    file: 'request.cjs',
    text:
      'const server = require("http").createServer((request) => { request.cart.total(); });\n' +
      'server.listen(0, "127.0.0.1", () => require("http").get({ port: server.address().port, host: "127.0.0.1" }));\n',
  },
  'a listener': {
    file: 'listener.cjs',
    text:
      'const cart = new (require("events"))();\ncart.on("pay", function paid() { throw new Error("private"); });\n' +
      'cart.on("order", () => { cart.emit("pay"); });\nsetImmediate(() => cart.emit("order"));\n',
  },
  'a method of a built-in class': {
    file: 'subclass.cjs',
    text: 'class Cart extends Map { pay() { this.forEach(() => { throw new Error("private"); }); } }\nnew Cart([[1, 2]]).pay();\n',
  },
  'a message that imitates calls': {
    file: 'fake.cjs',
    text: `function pay() { throw new Error("${FAKE}"); }\npay();\n`,
  },
  'a bundle of one line': {
    file: 'bundle.cjs',
    text: `/*${'x'.repeat(3_000)}*/function pay() { throw new RangeError("private\\n  text"); }pay();\n`,
  },
  'a syntax error': { file: 'syntax.cjs', text: 'const a = 1;\nconst b = = 2;\n' },
  'an endless recursion': {
    file: 'recursion.cjs',
    text: 'function walk(n) { return walk(n + 1) + 1; }\nwalk(0);\n',
  },
};

const thrown = (value: string) => `function pay() {\n  throw ${value};\n}\npay();\n`;
const rejected = (value: string) => `async function pay() {\n  await 1;\n  throw ${value};\n}\npay();\n`;
// So that the source has no word of the message.
const SECRET = "['pri', 'vate'].join('')";

/** A capture has the class of an error and the type of a value, whatever is printed. */
const SAY_LESS: readonly string[] = [
  `class CouponError extends Error { get name() { return 'Coupon'; } }\n${thrown("new CouponError('private')")}`,
  `class CouponError extends Error {}\nCouponError.prototype.name = 'Coupon';\n${rejected("new CouponError('private')")}`,
  // What is printed begins with the message.
  `class CouponError extends Error {}\nconst error = new CouponError(${SECRET});\nerror.name = '';\n${thrown('error')}`,
  ...[
    'Object.create(null)',
    `\`[\${${SECRET}}: x]\``,
    "{ name: 'private' }",
    '4111',
    'undefined',
    'null',
  ].map(thrown),
  ...['Object.create(null)', "'private'", "{ name: 'private' }", '4111', 'undefined'].map(rejected),
];

const SAID_LESS = matrix(SAY_LESS, nodeBinaries());
const CASES = matrix(
  Object.entries(PROGRAMS),
  nodeBinaries(),
  ([, { since = 18 }], { major }) => major >= since,
);
for (const [[name, { file, text }], node] of CASES) {
  test(`Node ${node.major}: ${name} is in one group, armed or not`, async () => {
    await using directory = await temporaryDirectory('unarmed');
    const root = directory.path;
    await writeFile(path.join(root, file), text);
    // The clock has whole milliseconds, file times have more.
    const startedAtMs = Date.now() + 1;
    const unarmed = await runToDeath(node.path, [file], { directory: root, armed: false });
    const armed = await runToDeath(node.path, [file], { directory: root, armed: true });
    const stderr = unarmed.stderr.toString();
    const read = wordsReportOf({ runtime: 'node', status: unarmed.status, stderr, startedAtMs }, root);
    assert.ok(read !== null, stderr);
    assert.equal(read.report.proof, 'proven');
    assert.match(read.words.version ?? '', new RegExp(`^${node.major}\\.`));
    const captured = reportOf(armed, root, read.report.kind);
    assert.deepEqual(shownOf(read.report), shownOf(captured), stderr);
    assert.doesNotMatch(JSON.stringify(redact(read.report)), /private|alice/);
  });
}

for (const node of nodeBinaries()) {
  test(`Node ${node.major}: a capture that says more joins the group of last words`, async () => {
    await using directory = await temporaryDirectory('unarmed');
    const root = directory.path;
    for (const [text] of SAID_LESS.filter(([, { major }]) => major === node.major)) {
      await writeFile(path.join(root, 'value.cjs'), text);
      const startedAtMs = Date.now() + 1;
      const unarmed = await runToDeath(node.path, ['value.cjs'], { directory: root, armed: false });
      const armed = await runToDeath(node.path, ['value.cjs'], { directory: root, armed: true });
      const printed = ({ status, stderr }: typeof armed) =>
        wordsReportOf({ runtime: 'node', status, stderr: stderr.toString(), startedAtMs }, root)?.report;
      const [read, ofArmed] = [printed(unarmed), printed(armed)];
      assert.ok(read !== undefined && ofArmed !== undefined, unarmed.stderr.toString());
      assert.equal(read.proof, 'proven');
      assert.doesNotMatch(JSON.stringify(redact(read)), /private|alice/);
      const captured = factsOf(reportOf(armed, root, ofArmed.kind));
      const values = valuesOfCapture(captured, factsOf(ofArmed));
      assert.deepEqual(signatureOf(factsOf(read)).values, values.slice(-1), text);
    }
  });

  test(`Node ${node.major}: a value that is no error has its place; its type is not printed`, async () => {
    await using directory = await temporaryDirectory('unarmed');
    const root = directory.path;
    for (const value of ['"private"', '"[alice: private]"', '{ name: "private" }', 'undefined']) {
      await writeFile(path.join(root, 'value.cjs'), `function pay() {\n  throw ${value};\n}\npay();\n`);
      const startedAtMs = Date.now() + 1;
      const { status, stderr } = await runToDeath(node.path, ['value.cjs'], {
        directory: root,
        armed: false,
      });
      const read = wordsReportOf({ runtime: 'node', status, stderr: stderr.toString(), startedAtMs }, root);
      assert.ok(read !== null);
      const { exception, frames, proof } = read.report;
      assert.deepEqual([exception, proof], [null, 'proven'], stderr.toString());
      assert.deepEqual(
        frames.map(({ file, line }) => [file, line]),
        [[path.join(root, 'value.cjs'), 2]],
      );
    }
  });
}

function factsOf(report: CrashReport): CrashFacts {
  return { ...redact(report), status: { type: 'code', code: 1 } };
}

/** What both reports must agree in. */
function shownOf(report: CrashReport): unknown {
  const redacted = redact(report);
  const own = redacted.frames
    .filter(({ inApp }) => inApp)
    .map(({ function: name, file, line }) => ({ name, file, line }));
  return {
    type: redacted.exceptionType,
    code: redacted.code,
    own,
    causes: redacted.causes.map(({ exceptionType, code }) => ({ exceptionType, code })),
    signature: signatureOf({ ...redacted, status: { type: 'code', code: 1 } }).values,
  };
}

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { candidateEvidence } from '../../src/agent/run-evidence.ts';
import { buildCrashReport } from '../../src/analysis/build-crash-report.ts';
import { formatPrivateLog } from '../../src/analysis/private-log.ts';
import { knownCauses } from '../../src/explain/known-causes/known-causes.ts';
import { nearestPlace } from '../../src/explain/nearest-place.ts';
import type { ReasonCode } from '../../src/model/exit-reason.ts';
import { classifyExit } from '../../src/policy/classify-exit.ts';
import { redact } from '../../src/privacy/redact.ts';
import { signatureOf } from '../../src/signature/signature.ts';
import { FrameMapper } from '../../src/symbols/frame-mapper.ts';
import { isOnDisk } from '../../src/symbols/is-on-disk.ts';
import { readSource } from '../../src/symbols/read-source.ts';
import { changedAtMs, scriptHashes } from '../../src/symbols/script-files.ts';
import { matrix } from '../support/matrix.ts';
import { type NodeBinary, nodeBinaries } from '../support/node-versions.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { runToDeath } from './run-to-death.ts';

/** In messages, and in values that must not become part of a report. */
const SECRET = 'CANARY-4111';

/** What a report says of a program like those of public crash reports. */
type Program = {
  files: Record<string, string>;
  reason: ReasonCode;
  kind: string;
  /** The app's own place that is nearest to the crash. */
  place: string | null;
  known: string | null;
  emitter?: string;
  /** What the app's own handler threw, and its frames of the app. */
  handler?: readonly string[];
  /** Frames that must be in the stack, innermost first, as `function file:line`. */
  stack?: readonly string[];
};

const WRAPS = (body: string) => `function wrap(cause) {
  return new Error('service failed ${SECRET}', { cause });
}
function parse(body) {
  try {
    ${body}
  } catch (error) {
    throw wrap(error);
  }
}
setTimeout(() => parse('{${SECRET}'), 1);`;

const PROGRAMS: Record<string, Program> = {
  'a wrapped error: text that is no JSON': {
    files: { 'main.js': WRAPS('JSON.parse(body);') },
    ...{ reason: 'uncaught-exception', kind: 'exception', place: 'main.js:6', known: 'no-json' },
  },
  'a wrapped error: a member of undefined': {
    files: { 'main.js': WRAPS('body.a.b;') },
    ...{
      reason: 'uncaught-exception',
      kind: 'exception',
      place: 'main.js:6',
      known: 'value-of-wrong-kind',
    },
  },
  'an ES module that throws at its top level': {
    files: {
      'main.mjs': `import { greeting } from './settings.mjs';\nconsole.log(greeting);`,
      'settings.mjs': `function need(name) {\n  throw new Error(\`\${name} is missing for ${SECRET}\`);\n}\nexport const greeting = need('GREETING');`,
    },
    ...{ reason: 'module-load', kind: 'exception' },
    ...{ place: 'settings.mjs:2', known: null, stack: ['need settings.mjs:2'] },
  },
  'an ES module with a syntax error': {
    files: {
      'main.mjs': `import './routes.mjs';`,
      'routes.mjs': `export const table = new Map();\n// ${SECRET}\ntable.set('/', 1;`,
    },
    ...{ reason: 'module-load', kind: 'exception' },
    ...{ place: 'routes.mjs:3', known: 'syntax-error-in-file' },
  },
  'an ES module that imports what is not exported': {
    files: {
      'main.mjs': `// ${SECRET}\nimport { rout } from './routes.mjs';`,
      'routes.mjs': 'export const route = 1;',
    },
    ...{ reason: 'module-load', kind: 'exception' },
    ...{ place: 'main.mjs:2', known: 'export-missing' },
  },
  'an ES module that awaits at its top level what fails': {
    files: {
      'main.mjs': `import { connect } from './database.mjs';\nawait connect();`,
      'database.mjs': `export async function connect() {\n  await 0;\n  throw new Error('${SECRET}');\n}`,
    },
    ...{ reason: 'module-load', kind: 'exception' },
    ...{ place: 'database.mjs:3', known: null, stack: ['connect database.mjs:3'] },
  },
  'an ES module that awaits what fails at once': {
    files: { 'main.mjs': `async function connect() {\n  throw new Error('${SECRET}');\n}\nawait connect();` },
    ...{ reason: 'module-load', kind: 'exception' },
    ...{ place: 'main.mjs:2', known: null },
  },
  'an ES module that does not await an anonymous async function': {
    files: { 'main.mjs': `(async () => {\n  throw new Error('${SECRET}');\n})();` },
    ...{
      reason: 'unhandled-rejection',
      kind: 'rejection',
      place: 'main.mjs:2',
      known: 'unhandled-rejection',
    },
  },
  'an ES module that makes a promise that fails': {
    files: {
      'main.mjs': `export const p = new Promise(function later() {\n  throw new Error('${SECRET}');\n});`,
    },
    ...{
      reason: 'unhandled-rejection',
      kind: 'rejection',
      place: 'main.mjs:2',
      known: 'unhandled-rejection',
    },
  },
  'a promise of an ES module that is rejected': {
    files: { 'main.mjs': `async function load() {\n  throw new Error('${SECRET}');\n}\nload();` },
    ...{
      reason: 'unhandled-rejection',
      kind: 'rejection',
      place: 'main.mjs:2',
      known: 'unhandled-rejection',
    },
  },
  'a refused connection whose error event has no listener, of a client of the app': {
    files: {
      'main.js': `const { EventEmitter } = require('node:events');
const net = require('node:net');
class StockClient extends EventEmitter {
  open() {
    net.connect(1, '127.0.0.1').on('error', (error) => this.fail(error));
  }
  fail(error) {
    this.emit('error', Object.assign(error, { host: '${SECRET}' }));
  }
}
new StockClient().open();`,
    },
    ...{ reason: 'uncaught-exception', kind: 'exception', emitter: 'StockClient' },
    ...{ place: 'main.js:8', known: 'refused-without-listener', stack: ['StockClient.fail main.js:8'] },
  },
  'the same of a package': {
    files: {
      'main.js': `const { connect } = require('stock');\nconnect();`,
      'node_modules/stock/index.js': `const { EventEmitter } = require('node:events');
const net = require('node:net');
exports.connect = function connect() {
  const pool = new EventEmitter();
  net.connect(1, '127.0.0.1').on('error', function giveUp(error) { pool.emit('error', error); });
};`,
    },
    ...{ reason: 'uncaught-exception', kind: 'exception', emitter: 'EventEmitter' },
    ...{
      place: null,
      known: 'refused-without-listener',
      stack: ['Socket.giveUp node_modules/stock/index.js:5'],
    },
  },
  'a handler of uncaught exceptions that throws': {
    files: {
      'main.js': `process.on('uncaughtException', function notify(error) {
  console.error('at home: ${SECRET}\\n    at alice (/home/alice.js:4:1)');
  JSON.parse('{' + error.message);
});
setTimeout(function ship() {
  throw new RangeError('${SECRET}');
}, 1);`,
    },
    ...{ reason: 'handler-threw', kind: 'exception', place: 'main.js:6', known: null },
    handler: ['SyntaxError', 'process.notify main.js:3'],
  },
  'a capture callback that throws what it was given': {
    files: {
      'main.js': `process.setUncaughtExceptionCaptureCallback((error) => {
  throw error;
});
setTimeout(function ship() {
  throw new Error('${SECRET}');
}, 1);`,
    },
    ...{ reason: 'handler-threw', kind: 'exception', place: 'main.js:5', known: null },
    handler: ['Error', 'null main.js:2'],
  },
  'a socket of Node itself': {
    files: { 'main.js': `require('node:net').connect(1, '127.0.0.1');` },
    ...{ reason: 'uncaught-exception', kind: 'exception', emitter: 'Socket' },
    ...{ place: null, known: 'refused-without-listener' },
  },
};

for (const [[title, program], node] of matrix(Object.entries(PROGRAMS), nodeBinaries())) {
  test(`Node ${node.major}: ${title}`, async () => {
    const { redacted, reason, facts, log } = await reportOf(node, program.files);
    assert.equal(reason.code, program.reason);
    assert.equal(redacted.kind, program.kind);
    assert.equal(nearestPlace(redacted), program.place, JSON.stringify(redacted, null, 1));
    assert.equal(knownCauses(facts)[0]?.id ?? null, program.known);
    assert.equal(redacted.emitter, program.emitter);
    const stack = redacted.frames.map((frame) => `${frame.function} ${frame.file}:${frame.line}`);
    for (const expected of program.stack ?? []) assert.ok(stack.includes(expected), stack.join('\n'));
    const handler = redacted.handlerFailure;
    assert.deepEqual(
      handler && [
        handler.exceptionType,
        ...handler.frames
          .filter(({ inApp }) => inApp)
          .map(({ function: name, file, line }) => `${name} ${file}:${line}`),
      ],
      program.handler,
    );
    const places = redacted.frames.map(
      ({ file, line, column, ...rest }) => `${file}:${line}:${column}${rest.function}`,
    );
    assert.equal(new Set(places).size, places.length, 'no frame is there twice');
    assert.ok(!JSON.stringify(redacted).includes('CANARY'), JSON.stringify(redacted));
    assert.ok(
      log.includes(SECRET) ||
        !JSON.stringify(program.files).includes(SECRET) ||
        redacted.exceptionType !== 'Error',
    );
  });
}

test('refused connections of different clients are different groups', async () => {
  const node = nodeBinaries()[1] as NodeBinary;
  const groups = new Set<string | undefined>();
  const events = Object.values(PROGRAMS).filter(({ emitter }) => emitter !== undefined);
  for (const { files } of events) groups.add(signatureOf((await reportOf(node, files)).facts).values[0]);
  assert.equal(groups.size, events.length);
});

test('errors that one helper wrapped are grouped by what they wrap', async () => {
  const node = nodeBinaries()[1] as NodeBinary;
  const groups = new Set<string | undefined>();
  for (const body of ['JSON.parse(body);', 'body.a.b;'])
    groups.add(signatureOf((await reportOf(node, { 'main.js': WRAPS(body) })).facts).values[0]);
  assert.equal(groups.size, 2);
});

async function reportOf(node: NodeBinary, files: Record<string, string>) {
  await using directory = await temporaryDirectory('public-report');
  const root = directory.path;
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), text);
  }
  const main = path.join(root, Object.keys(files)[0] ?? '');
  const { status, stderr, claim, candidates, diedAtMs } = await runToDeath(node.path, [main], {
    ...{ directory: root, armed: true },
  });
  const { reason, kind } = classifyExit(status, {
    ...{
      asked: null,
      passedOn: [],
      oomKills: null,
      nodeTrailer: false,
      v8OutOfMemory: false,
      native: null,
      because: null,
    },
    ...{ candidate: candidateEvidence(candidates, diedAtMs, readSource), runtime: 'node' },
  });
  const report = buildCrashReport({
    ...{ id: 'a1b2c3d4e5f6', app: 'shop', instance: 'web-1', diedAtMs, status, armed: true },
    ...{
      kind: kind ?? 'exit',
      appRoot: root,
      workspaceRoot: null,
      claim,
      candidates,
      stderr: { bytes: stderr, offset: 0 },
    },
    ...{ problems: [], native: null, symbols: new FrameMapper(root), readSource, isOnDisk },
    memory: null,
    heapMemory: null,
    heapLimitBytes: () => null,
    scripts: { hashes: scriptHashes, strippedHashes: () => [], changedAtMs },
  });
  const redacted = redact(report);
  return {
    redacted,
    reason,
    facts: { ...redacted, status },
    log: formatPrivateLog(report, stderr.toString()),
  };
}

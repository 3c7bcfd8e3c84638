import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import { formatPrivateLog } from '../../src/analysis/private-log.ts';
import { scriptPlace } from '../../src/formats/script-place.ts';
import type { CrashKind } from '../../src/model/exit.ts';
import type { RedactedReport } from '../../src/model/redacted-report.ts';
import { redact } from '../../src/privacy/redact.ts';
import { matrix } from '../support/matrix.ts';
import { nodeBinaries } from '../support/node-versions.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { reportOf } from './report-of.ts';
import { runToDeath } from './run-to-death.ts';

const SECRET = 'alice-4111-1111';

type Crash = {
  files: Record<string, string>;
  kind: CrashKind;
  verdict?: CrashKind;
  frames: string[];
  type: string | null;
};

/** Small programs by what kills them; `frames` are the app's own in the redacted report. */
const crashes: Record<string, Crash> = {
  'an exception': {
    files: { 'main.js': `function load(x) {\n  x.${'items'}.map(String);\n}\nload({ name: '${SECRET}' });` },
    kind: 'exception',
    frames: ['load main.js:2:11', 'null main.js:4:1'],
    type: 'TypeError',
  },
  'a thrown string': {
    files: { 'main.js': `setTimeout(() => {\n\tthrow '${SECRET}';\n});` },
    kind: 'exception',
    frames: ['null main.js:2:2 throw-site'],
    type: 'string',
  },
  'a rejection with causes': {
    files: {
      'main.js': `async function pay() {
  throw new RangeError('${SECRET}', { cause: new Error('${SECRET}', { cause: '${SECRET}' }) });
}
pay();`,
    },
    kind: 'rejection',
    verdict: 'exception',
    frames: ['pay main.js:2:9', 'null main.js:4:1'],
    type: 'RangeError',
  },
  'a stack that was formatted before, with a message that looks like frames': {
    files: {
      'main.js': `function fail() {
  const error = new Error('no\\n    at alice (/home/alice.js:4111:1)\\n    at ${SECRET} (${SECRET}:1:1)');
  console.log(error.stack);
  throw error;
}
fail();`,
    },
    kind: 'exception',
    frames: ['fail main.js:2:17 vouched-text', 'null main.js:6:1 vouched-text'],
    type: 'Error',
  },
  'an endless recursion': {
    files: {
      'main.js':
        'function even(n) { return odd(n + 1); }\nfunction odd(n) {\n  return even(n + 1);\n}\nodd(0);',
    },
    kind: 'stack-overflow',
    verdict: 'exception',
    frames: [],
    type: 'RangeError',
  },
  'process.exit in the app': {
    files: { 'main.js': `function giveUp() { process.exit(3); }\nconsole.error('${SECRET}');\ngiveUp();` },
    kind: 'exit',
    frames: ['giveUp main.js:1:29', 'null main.js:3:1'],
    type: null,
  },
  'a handler that logs the exception and exits': {
    files: {
      'main.js': `process.on('uncaughtException', (error) => {
  console.error(error);
  process.exit(1);
});
function fail() {
  throw new Error('${SECRET}');
}
fail();`,
    },
    kind: 'exception',
    verdict: 'exit',
    frames: ['fail main.js:6:9', 'null main.js:8:1'],
    type: 'Error',
  },
  'an ES module that throws a string': {
    files: { 'main.mjs': `await 0;\nfunction f() { throw '${SECRET}'; }\nsetImmediate(f);` },
    kind: 'exception',
    frames: ['null main.mjs:2:16 throw-site'],
    type: 'string',
  },
};

async function report(node: string, root: string, main: string, kind: CrashKind) {
  const death = await runToDeath(node, [path.join(root, main)], { directory: root, armed: true });
  const private_ = reportOf(death, root, kind);
  return {
    redacted: redact(private_),
    log: formatPrivateLog(private_, death.stderr.toString()),
    private: private_,
  };
}

function appFrames(redacted: RedactedReport): string[] {
  return redacted.frames
    .filter((frame) => frame.inApp)
    .map(({ function: name, file, line, column, trust }) =>
      `${/anonymous/.test(name ?? '') ? null : name} ${file}:${line}:${column} ${trust}`.replace(
        ' call-site',
        '',
      ),
    );
}

for (const [[title, crash], node] of matrix(Object.entries(crashes), nodeBinaries())) {
  test(`Node ${node.major}: ${title}`, async () => {
    await using directory = await temporaryDirectory('report');
    for (const [name, text] of Object.entries(crash.files)) {
      await writeFile(path.join(directory.path, name), text);
    }
    const main = Object.keys(crash.files)[0] ?? '';
    const { redacted, log } = await report(node.path, directory.path, main, crash.verdict ?? crash.kind);
    assert.equal(redacted.kind, crash.kind);
    assert.equal(redacted.exceptionType, crash.type);
    assert.match(redacted.runtime?.version ?? '', new RegExp(`^${node.major}\\.`));
    if (crash.kind === 'stack-overflow') {
      assert.ok(redacted.frames.every(({ repeat }) => repeat > 1) || redacted.frames.length <= 4);
      assert.ok(redacted.frames.some(({ repeat }) => repeat >= 4));
    } else {
      assert.deepEqual(appFrames(redacted), crash.frames, JSON.stringify(redacted.frames, null, 1));
    }
    const json = JSON.stringify(redacted);
    for (const secret of [SECRET, 'alice', '4111', directory.path]) assert.ok(!json.includes(secret), json);
    if (JSON.stringify(crash.files).includes(SECRET))
      assert.ok(log.includes(SECRET) || crash.type === 'TypeError');
  });
}

test('a minified bundle: source positions, names, and the dependency in it', async () => {
  const node = nodeBinaries()[0];
  assert.ok(node);
  await using directory = await temporaryDirectory('report');
  const dependency = path.join(directory.path, 'node_modules', '@scope', 'dep');
  await mkdir(dependency, { recursive: true });
  await writeFile(
    path.join(dependency, 'index.js'),
    'exports.eachRow = (rows, visitRow) => { for (const row of rows) visitRow(row); };',
  );
  await writeFile(
    path.join(directory.path, 'main.ts'),
    `import { eachRow } from '@scope/dep';
const checkRow = (row: { total?: { cents: number } }): void => {
  console.log(row.total!.cents);
};
function checkOrder(rows: object[]): void {
  eachRow(rows, checkRow);
}
setTimeout(() => { checkOrder([{ name: '${SECRET}' }]); });
`,
  );
  await build({
    ...{ bundle: true, minify: true, sourcemap: true, platform: 'node', absWorkingDir: directory.path },
    ...{ entryPoints: ['main.ts'], outfile: 'dist/main.js', logLevel: 'error' },
  });
  const { redacted } = await report(node.path, directory.path, 'dist/main.js', 'exception');
  assert.deepEqual(
    redacted.frames
      .filter((frame) => frame.module !== 'node')
      .map(({ function: name, file, line, module }) => [name, file, line, module]),
    [
      ['checkRow', 'main.ts', 3, null],
      ['exports.eachRow', 'node_modules/@scope/dep/index.js', 1, '@scope/dep'],
      ['checkOrder', 'main.ts', 6, null],
      ['Timeout._onTimeout', 'main.ts', 8, null],
    ],
  );
});

for (const node of nodeBinaries()) {
  test(`Node ${node.version}: WebAssembly, by function and byte`, async () => {
    const directory = path.join(import.meta.dirname, '../fixtures/node');
    const { redacted, log } = await report(node.path, directory, 'traps-in-webassembly.cjs', 'exception');
    assert.equal(redacted.exceptionType, 'RuntimeError');
    assert.deepEqual(redacted.frames.slice(0, 3).map(scriptPlace), [
      'wasm-function[0]:0x24',
      'wasm-function[1]:0x28',
      'traps-in-webassembly.cjs:10:3',
    ]);
    assert.match(log, /\(wasm-function\[0\]:0x24\) {2}\[wasm\]/);
  });
}

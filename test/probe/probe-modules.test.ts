// Parts of the probe that need no process of their own.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { RawFrame } from '../../src/model/probe-record.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const require = createRequire(new URL('../../src/probe/probe.cjs', import.meta.url));
const { withoutRequireOf } = require('./environment.cjs') as {
  withoutRequireOf(options: string, isOurs: (name: string) => boolean): string;
};
const { framesOfText } = require('./stack-text.cjs') as {
  framesOfText(stack: string, header: string | null, limit: number): RawFrame[];
};
const { isWrapperScript } = require('./wrapper-script.cjs') as { isWrapperScript(script: string): boolean };

describe('NODE_OPTIONS without the probe', () => {
  const ours = '/opt/a b/"q"\\probe.cjs';
  const quoted = `"${ours.replaceAll(/["\\]/g, '\\$&')}"`;
  const without = (options: string) => withoutRequireOf(options, (name) => name === ours);

  test('is what the app had', () => {
    assert.equal(without(`--require ${quoted}`), '');
    assert.equal(without(`--require ${quoted} --max-old-space-size=64`), '--max-old-space-size=64');
    assert.equal(without(`-r ./a.js  --require=${quoted} -r "b c.js"`), '-r ./a.js  -r "b c.js"');
    assert.equal(without('--require ./probe.cjs'), '--require ./probe.cjs');
    assert.equal(without(`--title ${quoted}`), `--title ${quoted}`);
  });

  test('is what the app had, whatever that was', () => {
    fc.assert(
      fc.property(fc.string(), (options) => {
        fc.pre(!options.includes('--require'));
        assert.equal(without(`--require ${quoted} ${options}`), options);
      }),
    );
  });
});

describe('frames of a stack that was text already', () => {
  const header = 'Error: a message';
  const names = (stack: string, head: string | null = header, limit = 10) =>
    framesOfText(stack, head, limit).map((frame) => frame.function);

  test('every shape of line that V8 writes', () => {
    const lines = [
      'Foo.bar [as baz] (/srv/app/a.js:1:2)',
      'new Foo (file:///srv/my%20app/(x)/a.mjs:3:4)',
      'async load (/srv/a (copy)/b.js:5:6)',
      '/srv/a (copy)/c.js:7:8',
      'Array.map (<anonymous>)',
      'async Promise.all (index 3)',
      'eval (eval at run (/srv/app/e.js:9:10), <anonymous>:11:12)',
      'eval at run (/srv/app/e.js:9:10), <anonymous>:13:14',
      'native',
      'grow (wasm://wasm/0a1b:wasm-function[3]:0x1f)',
      'Object.<anonymous> (/srv/app/main.js:15:16)',
      'node:internal/main/run_main_module:33:47',
    ];
    const stack = `${header}\n${lines.map((line) => `    at ${line}`).join('\n')}`;
    const frames = framesOfText(stack, header, 20);
    assert.deepEqual(frames[9]?.wasm, { functionIndex: 3, byteOffset: 31 });
    const seen = frames.map((f) => [f.function, f.file, f.line, f.column, f.async]);
    assert.deepEqual(seen, [
      ['Foo.bar', '/srv/app/a.js', 1, 2, false],
      ['new Foo', 'file:///srv/my%20app/(x)/a.mjs', 3, 4, false],
      ['load', '/srv/a (copy)/b.js', 5, 6, true],
      [null, '/srv/a (copy)/c.js', 7, 8, false],
      ['Array.map', null, null, null, false],
      ['Promise.all', null, null, null, true],
      ['eval', 'eval at run (/srv/app/e.js:9:10)', 11, 12, false],
      [null, 'eval at run (/srv/app/e.js:9:10)', 13, 14, false],
      [null, 'native', null, null, false],
      ['grow', 'wasm://wasm/0a1b', null, null, false],
      [null, '/srv/app/main.js', 15, 16, false],
      [null, 'node:internal/main/run_main_module', 33, 47, false],
    ]);
  });

  test('a message is never taken for frames while the header is known', () => {
    const fake = `Error: x\n    at fake (/a:1:1)\n    at fake (/b:1:1)`;
    assert.deepEqual(names(`${fake}\n    at real (/c:1:1)`, fake), ['real']);
    assert.deepEqual(names(fake, fake), []);
  });

  test('where the header was changed, only as many lines count as V8 writes', () => {
    const stack = `Error: old\n    at fake (/a:1:1)\n    at one (/b:1:1)\n    at two (/c:1:1)`;
    assert.deepEqual(names(stack, 'Error: new', 2), ['one', 'two']);
    assert.deepEqual(names(stack, 'Error: new', 0), []);
    assert.deepEqual(names('Error: old\n    at x (/b:1:1)\n    at ++ what?', 'Error: new'), []);
  });

  test('any text, in bounded time and length', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(), (stack, head, limit) => {
        assert.ok(framesOfText(stack, head, limit).length <= 200);
      }),
    );
    const long = `Error\n${'    at f (eval at ('.repeat(400_000)}`;
    assert.deepEqual(framesOfText(long, null, Number.POSITIVE_INFINITY), []);
    assert.equal(framesOfText('    at a (b:1:1)\n'.repeat(100_000).trimEnd(), null, 1e9).length, 199 + 1);
  });
});

describe('wrappers', () => {
  test('are known by the package their script belongs to', async () => {
    await using app = await temporaryDirectory('wrappers');
    const install = (folder: string, name: string) => {
      mkdirSync(path.join(app.path, folder, 'lib'), { recursive: true });
      writeFileSync(path.join(app.path, folder, 'package.json'), JSON.stringify({ name }));
    };
    const wraps = (script: string) => isWrapperScript(path.join(app.path, script));
    install('.', 'shop');
    install('node_modules/pm2', 'pm2');
    install('node_modules/concurrently', 'concurrently');
    install('node_modules/express', 'express');
    // Says nothing but the kind of modules, as many packages have below their dist folder.
    mkdirSync(path.join(app.path, 'node_modules/concurrently/dist'));
    writeFileSync(path.join(app.path, 'node_modules/concurrently/dist/package.json'), '{"type":"commonjs"}');

    assert.equal(wraps('server.js'), false);
    assert.equal(wraps('node_modules/express/lib/a.js'), false);
    assert.equal(wraps('node_modules/concurrently/dist/bin.js'), true);
    assert.equal(wraps('node_modules/pm2/lib/binaries/Runtime.js'), true);
    assert.equal(wraps('node_modules/pm2/lib/ProcessContainerFork.js'), false);
    assert.equal(wraps('.yarn/releases/yarn-4.1.0.cjs'), true);
    assert.equal(wraps('.yarn/releases/other.cjs'), false);
    assert.equal(wraps('.cache/node/corepack/v1/pnpm/10.1.0/bin/pnpm.cjs'), true);
    assert.equal(wraps('corepack/pnpm.cjs'), false);
  });

  test('are not known by the name of the app or of its folder', async () => {
    await using parent = await temporaryDirectory('wrappers');
    const put = (folder: string, description: object) => {
      mkdirSync(path.join(parent.path, folder, 'bin'), { recursive: true });
      writeFileSync(path.join(parent.path, folder, 'package.json'), JSON.stringify(description));
    };
    const wraps = (script: string) => isWrapperScript(path.join(parent.path, script));
    for (const name of [
      'npm',
      'pnpm',
      'yarn',
      'tsx',
      'c8',
      'nyc',
      'clinic',
      '0x',
      'pm2',
      'nodemon',
      'cross-env',
    ]) {
      put(name, { name, main: 'server.js' });
      assert.equal(wraps(`${name}/server.js`), false, name);
      assert.equal(wraps(`${name}/bin/${name}.js`), false, name);
      assert.equal(wraps(`node_modules/${name}/bin/${name}.js`), true, name);
    }
    // As the image of Node has it.
    put('opt/yarn-v1.22.22', { name: 'yarn', bin: { yarn: './bin/yarn.js' } });
    assert.equal(wraps('opt/yarn-v1.22.22/bin/yarn.js'), true);
    assert.equal(wraps('opt/yarn-v1.22.22/server.js'), false);
  });

  test('are recorded without waiting for folders above the app', async () => {
    await using parent = await temporaryDirectory('wrappers');
    execFileSync('mkfifo', [path.join(parent.path, 'package.json')]);
    assert.equal(isWrapperScript(path.join(parent.path, 'app/server.js')), false);
  });
});

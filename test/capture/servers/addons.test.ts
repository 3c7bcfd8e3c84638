import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { CHECKOUT, crashmon } from '../../support/crashmon.ts';
import { nodeBinary } from '../../support/node-versions.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { untilShown } from '../../support/until-reported.ts';

const run = promisify(execFile);
const SOURCE = path.join(CHECKOUT, 'test/fixtures/native/faulty-addon.c');
const SECRET = 'CANARY-image';

/** A thumbnail server with a package that has machine code for it; a debugger is attached well before it is used. */
const MAIN = `const { decode } = require('image-decoder');
function thumbnail(image) {
  decode(image);
}
setTimeout(() => thumbnail('${SECRET}'), 1500);`;

const ADDONS = {
  FAULT: { kind: 'fault', ends: 'SIGSEGV', forOtherNode: false, known: 'fault-in-addon', update: true },
  FATAL: { kind: 'abort', ends: 'SIGABRT', forOtherNode: false, known: 'addon-fatal-error', update: true },
  OLD: { kind: 'exception', ends: 1, forOtherNode: true, known: 'addon-for-other-node', update: false },
} as const;

describe('the package of a native add-on is named, with its version', { concurrency: 2 }, () => {
  for (const [how, expected] of Object.entries(ADDONS)) {
    test(how, async () => {
      await using directory = await temporaryDirectory('addon');
      const root = path.join(directory.path, 'app');
      const pack = path.join(root, 'node_modules/image-decoder');
      const stateDir = path.join(directory.path, 'state');
      await mkdir(pack, { recursive: true });
      await run('gcc', ['-O1', '-shared', '-fPIC', `-D${how}`, '-o', path.join(pack, 'addon.node'), SOURCE]);
      await writeFile(
        path.join(pack, 'package.json'),
        '{"name":"image-decoder","version":"4.1.1","main":"addon.node"}',
      );
      await writeFile(path.join(root, 'main.js'), MAIN);
      const options = ['--name', 'shop', '--arm-after', '0', '--cooldown', '0', '--restart', 'never'];
      const ended = await crashmon(['run', ...options, '--', nodeBinary(20).path, 'main.js'], {
        stateDir,
        cwd: root,
      });
      assert.equal(ended.code ?? ended.signal, expected.ends, ended.stderr);
      const report = await untilShown(stateDir);
      const { kind, addon, knownCauses } = report;
      assert.equal(kind, expected.kind);
      const { forOtherNode } = expected;
      assert.deepEqual(addon, { name: 'image-decoder', version: '4.1.1', forOtherNode });
      assert.equal(knownCauses[0]?.id, expected.known);
      assert.equal(
        /^Update image-decoder \(this is 4\.1\.1\)/.test(knownCauses[0]?.steps[0] ?? ''),
        expected.update,
      );
      assert.ok(!JSON.stringify(report).includes('CANARY') && !JSON.stringify(report).includes(root));
      const { stdout } = await crashmon(['show'], { stateDir });
      assert.doesNotMatch(stdout, /sanitize|valgrind|first frame of your code/);
      assert.match(stdout, /Add-on +image-decoder 4\.1\.1/);
    });
  }
});

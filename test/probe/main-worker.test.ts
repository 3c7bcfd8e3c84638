import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { inTurn } from '../support/matrix.ts';
import { nodeBinaries } from '../support/node-versions.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { FIXTURES, runBoth, runProbed, visible } from './run-probed.ts';

const WRAPPER = `
const { spawn } = require('node:child_process');
const child = spawn(process.argv[2], process.argv.slice(3), { stdio: 'inherit' });
child.on('exit', (code) => process.exit(code));
`;

/** For what no version does differently. */
const inSomeVersion = inTurn(nodeBinaries());
const run = (script: string) => runProbed('/bin/sh', ['-c', script]);

describe('the main worker alone is watched', { concurrency: 3 }, () => {
  for (const node of nodeBinaries())
    test(`Node ${node.version}: its children inherit nothing but the run`, async () => {
      const nodeOptions = '--no-deprecation';
      const { plain, probed } = await runBoth(node, ['starts-children.cjs'], {
        nodeOptions,
        env: { CRASHMON_RUN: '0123456789ab' },
      });
      assert.equal(plain.code, 0, plain.stderr);
      assert.deepEqual(visible(probed), visible(plain));
      const answers = JSON.parse(probed.stdout) as Record<string, unknown>;
      assert.deepEqual(answers.fork, [nodeOptions, null, '0123456789ab']);
      assert.deepEqual(answers.cluster, answers.fork);
      assert.deepEqual(answers.thread, answers.fork);
      assert.deepEqual(probed.records, []);
    });

  for (const node of inSomeVersion())
    test(`Node ${node.version}: a wrapper leaves it to its child`, async () => {
      await using app = await temporaryDirectory('wrapper');
      const folder = path.join(app.path, 'node_modules/nodemon/bin');
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, '../package.json'), '{"name":"nodemon"}');
      writeFileSync(path.join(folder, 'nodemon.js'), WRAPPER);
      const ended = await runProbed(node.path, [
        path.join(folder, 'nodemon.js'),
        node.path,
        `${FIXTURES}/throws-error.cjs`,
      ]);
      assert.equal(ended.code, 1);
      assert.equal(ended.claim?.mainScript, `${FIXTURES}/throws-error.cjs`);
      assert.deepEqual(
        ended.records.map((record) => [record.event, record.pid === ended.claim?.pid]),
        [['uncaught', true]],
      );
    });

  for (const node of inSomeVersion())
    test(`Node ${node.version}: a shell, a check before it and a step before it do not matter`, async () => {
      const ended = await run(
        `'${node.path}' --check throws-error.cjs && PORT=$('${node.path}' -p 1+1) && ` +
          `'${node.path}' throws-nothing.cjs && '${node.path}' throws-error.cjs`,
      );
      assert.equal(ended.code, 1, ended.stderr);
      assert.equal(ended.claim?.mainScript, `${FIXTURES}/throws-error.cjs`);
      assert.deepEqual(
        ended.records.map((record) => [record.event, record.pid === ended.claim?.pid]),
        [['uncaught', true]],
      );
    });

  for (const node of inSomeVersion())
    test(`Node ${node.version}: the records of a step before are kept`, async () => {
      const ended = await run(`'${node.path}' exits.cjs; '${node.path}' throws-error.cjs`);
      assert.deepEqual(
        ended.records.map((record) => record.event),
        ['exit', 'uncaught'],
      );
      assert.equal(ended.claim?.pid, ended.records[1]?.pid);
    });

  for (const node of inSomeVersion())
    test(`Node ${node.version}: a second one beside it is not watched`, async () => {
      const ended = await run(
        `'${node.path}' stays-alive.cjs > "$CRASHMON_PROBE_DIR/alive" & while ! grep -q running "$CRASHMON_PROBE_DIR/alive"; do sleep 0.02; done; ` +
          `'${node.path}' throws-error.cjs; kill $!; wait`,
      );
      assert.equal(ended.claim?.mainScript, `${FIXTURES}/stays-alive.cjs`);
      assert.deepEqual(ended.records, []);
    });

  test('a program started by npm', async () => {
    await using app = await temporaryDirectory('npm');
    const [node] = nodeBinaries();
    const start = `'${node?.path}' '${FIXTURES}/throws-error.cjs'`;
    writeFileSync(path.join(app.path, 'package.json'), JSON.stringify({ name: 'shop', scripts: { start } }));
    const ended = await runProbed('npm', ['start', '--silent'], { cwd: app.path });
    assert.equal(ended.code, 1);
    assert.equal(ended.claim?.mainScript, `${FIXTURES}/throws-error.cjs`);
    assert.deepEqual(
      ended.records.map((record) => record.event),
      ['uncaught'],
    );
  });
});

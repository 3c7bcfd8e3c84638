import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { crashmon } from '../../support/crashmon.ts';
import { nodeBinary } from '../../support/node-versions.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { untilReported } from '../../support/until-reported.ts';

const SHIPS = `function ship() {
  undefined.weight;
}`;

/** What apps do once their handler has the exception; all of it is the app's own end, and none is the cause. */
const ENDINGS = {
  'a server that waits for its connections for longer than ten seconds': {
    handler: `const net = require('node:net');
const server = net.createServer((socket) => {
  socket.resume();
  process.on('uncaughtException', () => {
    server.close(() => process.exit(1));
    setTimeout(() => client.destroy(), 11000);
  });
  setTimeout(ship, 1);
});
let client;
server.listen(0, '127.0.0.1', () => {
  client = net.connect(server.address().port, '127.0.0.1');
});`,
    ends: 1,
    counted: true,
    reason: /: uncaught exception$/,
  },
  'a handler that ends with 0': {
    handler: `process.on('uncaughtException', () => process.exit(0));\nsetTimeout(ship, 1);`,
    ends: 0,
    counted: false,
    reason: /\(masked crash\)$/,
  },
} as const;

describe('the exception is shown, whatever its handler prints', { concurrency: 2 }, () => {
  for (const [title, { handler, ends, counted, reason }] of Object.entries(ENDINGS)) {
    test(title, async () => {
      await using directory = await temporaryDirectory('handler-output');
      const stateDir = path.join(directory.path, 'state');
      const script = path.join(directory.path, 'main.js');
      await writeFile(script, `${handler}\n${SHIPS}`);
      const options = ['--name', 'shop', '--arm-after', '0', '--cooldown', '0', '--restart', 'never'];
      const run = await crashmon(['run', ...options, '--', nodeBinary(24).path, script], { stateDir });
      assert.equal(run.code, ends, run.stderr);
      const report = await untilReported(stateDir);
      assert.equal(report.kind, 'exception');
      assert.match(report.frames[0]?.function ?? '', /ship/);
      const { stdout } = await crashmon(['crashes', '--json'], { stateDir });
      const [exit] = JSON.parse(stdout);
      assert.equal(exit.counted, counted);
      assert.match(exit.reason, reason);
      const status = await crashmon(['status', '--json'], { stateDir });
      assert.equal(JSON.parse(status.stdout).apps[0].crashesInWindow, counted ? 1 : 0);
    });
  }
});

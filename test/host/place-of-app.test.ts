import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../src/agent/clock.ts';
import { helperPath } from '../../src/exit-watch/helper-path.ts';
import { FollowedRuns } from '../../src/host/followed-runs.ts';
import { ServiceRoot } from '../../src/host/service-root.ts';
import type { ServiceStart } from '../../src/host/source.ts';
import { withinRoot } from '../../src/symbols/locate.ts';
import { readProcessStat } from '../../src/worker/process-info.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** In another root directory. */
function startIn(root: string, ...args: string[]) {
  // A program that needs no files, and waits for its input.
  copyFileSync(helperPath(), path.join(root, 'shop'));
  const child = spawn('chroot', [root, '/shop', ...args], { stdio: ['pipe', 'ignore', 'ignore'] });
  const exited = once(child, 'exit');
  const pid = child.pid ?? 0;
  return {
    start: (key: string): ServiceStart => ({
      service: { id: 'docker:shop', source: 'docker', name: 'shop', replica: null, attributes: {} },
      ...{ key, pid, startTicks: readProcessStat(pid)?.startTicks ?? null, startedAtMs: Date.now() },
    }),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      child.kill('SIGKILL');
      await exited;
    },
  };
}

test('where the app of a container is, its own package.json says, and not that of the host at the same path', async () => {
  await using directory = await temporaryDirectory('place');
  const root = path.join(directory.path, 'root');
  const app = path.join(directory.path, 'app');
  mkdirSync(path.join(root, app), { recursive: true });
  mkdirSync(app);
  writeFileSync(path.join(app, 'package.json'), '{"name":"host"}');
  writeFileSync(path.join(root, directory.path, 'package.json'), '{"name":"shop"}');
  await using shop = startIn(root, path.join(app, 'server.js'));
  const runs = new FollowedRuns(() => {});
  try {
    while (runs.place.appRoot !== directory.path) {
      runs.started(shop.start(`${performance.now()}`), false, systemClock()());
      assert.notEqual(runs.place.appRoot, app);
      await delay(20);
    }
  } finally {
    runs.end();
  }
});

test('the root of a container that has ended is kept until all reports that need it are made', async () => {
  await using directory = await temporaryDirectory('root');
  writeFileSync(path.join(directory.path, 'server.js'), 'of the container');
  const root = new ServiceRoot(1);
  using cleanup = new DisposableStack();
  cleanup.defer(() => root.end());
  const read = async () => {
    using used = await root.use();
    return typeof used.root === 'number'
      ? withinRoot(used.root, (locate) => readFileSync(`${locate('/server.js')}`, 'utf8'))
      : used.root;
  };
  {
    await using shop = startIn(directory.path);
    while (!root.isOther) {
      root.started(shop.start('1'));
      await delay(5);
    }
  }
  const reports = root.expect();
  root.ended();
  assert.equal(await read(), 'of the container');
  // Another analysis comes first.
  await delay(50);
  assert.equal(await read(), 'of the container');
  reports[Symbol.dispose]();
  await delay(50);
  assert.equal(await read(), 'unknown');
});

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { hasOomCounter, OomCounter } from './oom-counter.ts';

const RUNS = `7 (x) R 1 1 1 0 -1 4194304 ${'1 '.repeat(40)}`;
/** Killed, and its memory is being freed. */
const ENDS = `7 (x) R 1 1 1 0 -1 4194308 ${'1 '.repeat(40)}`;

function machine(): { root: string; write(path: string, text: string): void } & Disposable {
  const root = mkdtempSync(join(tmpdir(), 'crashmon-oom-'));
  return {
    root,
    write(path, text) {
      mkdirSync(dirname(root + path), { recursive: true });
      writeFileSync(root + path, text);
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true }),
  };
}

const V2 = {
  of: (path: string) => `0::${path}\n`,
  file: (path: string) => `/sys/fs/cgroup${path}/memory.events`,
};
const V1 = {
  of: (path: string) => `4:memory:${path}\n0::/\n`,
  file: (path: string) => `/sys/fs/cgroup/memory${path}/memory.oom_control`,
};

for (const [version, { of, file }] of Object.entries({ V1, V2 })) {
  test(`${version}: kills count from when the process is first seen in its cgroup`, () => {
    using host = machine();
    host.write('/proc/self/cgroup', of('/agent'));
    host.write('/proc/7/stat', RUNS);
    host.write('/proc/7/cgroup', of('/agent'));
    host.write(file('/agent'), 'oom 1\noom_kill 5\n');
    host.write(file('/worker.scope'), 'oom 1\noom_kill 2\n');
    const counter = new OomCounter(host.root);
    assert.equal(counter.kills(), null);
    counter.follow(7);
    host.write('/proc/7/cgroup', of('/worker.scope'));
    counter.follow(7);
    host.write(file('/agent'), 'oom 1\noom_kill 6\n');
    assert.equal(counter.kills(), 0);
    host.write(file('/worker.scope'), 'oom 1\noom_kill 3\n');
    assert.equal(counter.kills(), 1);
    host.write(file('/'), 'oom 1\noom_kill 9\n');
    host.write('/proc/7/cgroup', of('/'));
    host.write('/proc/7/stat', ENDS);
    counter.follow(7);
    assert.equal(counter.kills(), 1);
    rmSync(join(host.root, dirname(file('/worker.scope'))), { recursive: true });
    assert.equal(counter.kills(), null);
  });

  test(`${version}: in a container the mount is the cgroup of crashmon, and of no process outside of it`, () => {
    using host = machine();
    host.write('/proc/self/cgroup', of('/docker/1'));
    host.write('/proc/7/stat', RUNS);
    host.write('/proc/7/cgroup', of('/docker/1'));
    host.write('/proc/8/stat', RUNS);
    host.write('/proc/8/cgroup', of('/../2'));
    host.write(file(''), 'oom_kill 0\n');
    host.write(`${dirname(dirname(file('')))}/2/${file('').split('/').at(-1)}`, 'oom_kill 0\n');
    assert.equal(hasOomCounter(host.root), true);
    const counter = new OomCounter(host.root);
    counter.follow(7);
    assert.equal(counter.kills(), 0);
    counter.follow(8);
    assert.equal(counter.kills(), null);
  });
}

test('without a cgroup file system nothing is counted', () => {
  using host = machine();
  host.write('/proc/self/cgroup', '0::/\n');
  assert.equal(hasOomCounter(host.root), false);
});

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { MemoryLimits } from './memory-limits.ts';

function rootWith(files: Readonly<Record<string, string>>): { path: string } & Disposable {
  const root = mkdtempSync(path.join(tmpdir(), 'crashmon-limits-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return { path: root, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}

const MEMINFO = 'MemTotal: 1000 kB\nMemAvailable: 900 kB\n';

test('version 2: every group around the process that has a limit; cached files are not in use', () => {
  using root = rootWith({
    'proc/meminfo': MEMINFO,
    'proc/7/cgroup': '0::/pod/app\n',
    'sys/fs/cgroup/pod/app/memory.current': '50000\n',
    'sys/fs/cgroup/pod/app/memory.max': 'max\n',
    'sys/fs/cgroup/pod/memory.current': '95000\n',
    'sys/fs/cgroup/pod/memory.max': '100000\n',
    'sys/fs/cgroup/pod/memory.stat': 'anon 1\ninactive_file 40000\nactive_file 5000\n',
  });
  assert.deepEqual(new MemoryLimits(root.path).read(7, 0), [
    { of: 'cgroup', usedBytes: 50_000, limitBytes: 100_000 },
    { of: 'machine', usedBytes: 100 * 1024, limitBytes: 1000 * 1024 },
  ]);
});

test('version 1, where no limit is a huge number', () => {
  using root = rootWith({
    'proc/meminfo': MEMINFO,
    'proc/7/cgroup': '4:memory:/app\n0::/\n',
    'sys/fs/cgroup/memory/memory.usage_in_bytes': '900\n',
    'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    'sys/fs/cgroup/memory/app/memory.usage_in_bytes': '60\n',
    'sys/fs/cgroup/memory/app/memory.limit_in_bytes': '100\n',
  });
  assert.deepEqual(new MemoryLimits(root.path).read(7, 0)[0], {
    ...{ of: 'cgroup', usedBytes: 60, limitBytes: 100 },
  });
});

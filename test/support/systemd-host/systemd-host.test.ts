import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { processesMarked } from '../leftovers.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { systemdHost } from './systemd-host.ts';

const parameter = (name: string) => readFileSync(`/proc/sys/${name}`, 'utf8');
const PARAMETERS = ['kernel/core_pattern', 'kernel/core_pipe_limit', 'fs/suid_dumpable', 'kernel/hostname'];
/** Of any host's; other tests may have one at the same time. */
const mountsOf = (name: string) =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(name));
const cgroupsOf = (name: string) => globSync(`/sys/fs/cgroup/{.,unified}/${name}`);

test('boots systemd, runs units and leaves nothing, and this machine is as before', async () => {
  await using shared = await temporaryDirectory('shared');
  const before = PARAMETERS.map(parameter);
  let name: string;
  {
    await using host = await systemdHost({ shared: [shared.path] });
    name = host.name;
    assert.equal(cgroupsOf(name).length, 1);
    assert.equal((await host.must('cat', '/proc/1/comm')).trim(), 'systemd');
    assert.equal(await host.must('systemctl', '--failed', '--no-legend', '--plain'), '');
    await host.units({
      'greets.service': `[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo "hello from $$(hostname)"; touch ${shared.path}/here /etc/inside'\n`,
    });
    await host.must('systemctl', 'start', 'greets');
    await host.journalLine('greets', /^hello from crashmon-test$/m);
    assert.equal(await host.property('greets', 'Result'), 'success');
    assert.ok(existsSync(path.join(shared.path, 'here')));
    assert.ok(!existsSync('/etc/inside'));
    assert.equal((await host.run('sh', '-c', 'echo x >/proc/sys/kernel/core_pattern')).code, 2);
  }
  assert.deepEqual([...mountsOf(name), ...cgroupsOf(name)], []);
  assert.deepEqual(PARAMETERS.map(parameter), before);
  assert.deepEqual(processesMarked(shared.path), []);
});

test('refuses to share what systemd would empty', async () => {
  for (const directory of ['/tmp', '/', '/tmp/']) {
    await assert.rejects(systemdHost({ shared: [directory] }), /must not be shared/);
  }
});

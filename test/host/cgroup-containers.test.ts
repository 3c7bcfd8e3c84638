import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { HostExits } from '../../src/host/capture/host-exits.ts';
import { CgroupSource } from '../../src/host/containers/cgroup-source.ts';
import { containerNames } from '../../src/host/containers/container-names.ts';
import { ContainerProcesses } from '../../src/host/containers/container-processes.ts';
import { NewProcesses } from '../../src/host/processes/new-processes.ts';
import type { ServiceExit, ServiceStart } from '../../src/host/source.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const newId = () => randomBytes(32).toString('hex');

/** A shell and its child in the cgroup of a container. */
async function startContainer(cleanup: AsyncDisposableStack, scopeOf: (id: string) => string) {
  const root = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/mounts', 'utf8'))?.[1];
  assert.ok(root !== undefined, 'no cgroup2 file system is mounted');
  const id = newId();
  const scope = path.join(root, scopeOf(id));
  const procs = path.join(scope, 'cgroup.procs');
  mkdirSync(scope);
  cleanup.defer(() => rmdirSync(scope));
  const script = 'echo $$ >"$1"; sleep 600 & echo ready; wait';
  const child = spawn('sh', ['-c', script, 'sh', procs], { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  cleanup.defer(async () => {
    for (const pid of readFileSync(procs, 'utf8').split('\n').filter(Boolean)) {
      process.kill(Number(pid), 'SIGKILL');
    }
    await exited;
    // There is no event for the last process of a cgroup.
    while (readFileSync(procs, 'utf8') !== '') await delay(5);
  });
  await once(child.stdout, 'data');
  assert.ok(child.pid !== undefined);
  return { id, pid: child.pid };
}

test('containers without an engine: found by cgroup, named by its files, and how they end is known', async () => {
  await using cleanup = new AsyncDisposableStack();
  await using directory = await temporaryDirectory('containers');
  const exits = new HostExits((message) => assert.fail(message));
  cleanup.defer(() => exits.end());
  const ours = new Set<string>();
  const start = (kind: string) =>
    startContainer(cleanup, (id) => {
      ours.add(id);
      return `${kind}-${id}.scope`;
    });
  const shop = await start('docker');
  const pod = await start('cri-containerd');
  const other = await startContainer(cleanup, (id) => `crio-${id}.scope`);
  const docker = path.join(directory.path, 'docker');
  const kubelet = path.join(directory.path, 'kubelet');
  mkdirSync(path.join(docker, shop.id), { recursive: true });
  mkdirSync(kubelet);
  const config = { Name: '/shop', Config: { Image: 'team/shop:1', Env: ['PASSWORD=secret'] } };
  writeFileSync(path.join(docker, shop.id, 'config.v2.json'), JSON.stringify(config));
  symlinkSync('/nonexistent', path.join(kubelet, `api-5f-x_web_app-${pod.id}.log`));
  const starts = new Map<string, ServiceStart>();
  let exited = Promise.withResolvers<ServiceExit>();
  const source = new CgroupSource({
    exits,
    isReported: ({ cgroup }) => !ours.has(cgroup.id),
    names: { docker, storage: [], kubelet },
    started: new NewProcesses(20),
  });
  cleanup.defer(() => source.end());
  await source.begin({
    started: (start) => starts.set(start.service.attributes['container.id'] ?? '', start),
    exited: async (exit) => {
      exited.resolve(exit);
      return true;
    },
    missed: () => assert.fail('missed'),
    gone: () => {},
    problem: (message) => assert.fail(message),
  });
  while (starts.size < 2) await delay(5);
  assert.equal(starts.has(other.id), false);
  const first = starts.get(shop.id);
  assert.deepEqual([first?.pid, first?.service.id], [shop.pid, 'container:shop']);
  assert.deepEqual(first?.service.attributes, {
    ...{ 'container.id': shop.id, 'container.runtime': 'docker', 'container.name': 'shop' },
    'container.image.name': 'team/shop:1',
  });
  assert.equal(starts.get(pod.id)?.service.id, 'container:web-app');
  assert.equal(starts.get(pod.id)?.service.attributes['k8s.pod.name'], 'api-5f-x');
  const end = async (pid: number) => {
    exited = Promise.withResolvers();
    process.kill(pid, 'SIGSEGV');
    return await exited.promise;
  };
  let ended = await end(shop.pid);
  assert.deepEqual(ended.start, first);
  // On a busy machine the kernel can end the helper of the exit watch: how a process ends before the next one runs is not known.
  for (let attempt = 0; ended.status.type === 'unknown' && attempt < 20; attempt++) {
    const other = await start('docker');
    while (!starts.has(other.id)) await delay(5);
    ended = await end(other.pid);
  }
  assert.deepEqual(ended.status, { type: 'signal', signal: 'SIGSEGV' });
  const found = new ContainerProcesses().find().get(pod.id);
  assert.deepEqual([found?.pid, found?.cgroup.runtime], [pod.pid, 'containerd']);
});

test('names of Podman are in its lists; of what no file names, only the ID is known', async () => {
  await using directory = await temporaryDirectory('containers');
  const list = path.join(directory.path, 'containers.json');
  const id = newId();
  writeFileSync(list, JSON.stringify([{ id: newId(), names: ['other'] }, { id, names: ['shop'] }, 7]));
  const places = { docker: directory.path, storage: ['/nonexistent', list], kubelet: '/nonexistent' };
  assert.deepEqual(containerNames(id, places), { name: 'shop' });
  assert.deepEqual(containerNames(newId(), places), {});
  writeFileSync(list, '{');
  assert.deepEqual(containerNames(id, places), {});
});

// Files that a JVM writes by itself, in a session of a service that crashmon agent watches; a real JVM.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CHECKOUT } from '../support/crashmon.ts';
import { type AgentOfHost, agentOfHost } from '../support/host/agent-of-host.ts';
import { SHOP_SOURCE } from '../support/last-words/java-compiler.ts';
import { type SystemdHost, systemdHost } from '../support/systemd-host/systemd-host.ts';

const WAITING = path.join(path.dirname(SHOP_SOURCE), 'WaitingShop.java');
const APPS = '/srv/apps';
const KEY = '/root/key.txt';
/** Of its own options only those on the command line are known. */
const JAVA = '/usr/bin/java -Xmx32m -XX:+HeapDumpOnOutOfMemoryError -XX:+CrashOnOutOfMemoryError';

type Listed = { id: string; kind: string; encryption: string; path: string; exit: object };

let host: SystemdHost;
let agent: AgentOfHost;
before(async () => {
  host = await systemdHost({ shared: [CHECKOUT] });
  agent = agentOfHost(host);
  await host.must('mkdir', '-p', APPS);
  const compiler = ['-m', 'jdk.compiler/com.sun.tools.javac.Main', '-nowarn', '-XDignore.symbol.file'];
  await host.must('java', ...compiler, '-d', `${APPS}/classes`, SHOP_SOURCE, WAITING);
  await host.must('age-keygen', '-o', KEY);
});
after(async () => {
  await host?.[Symbol.asyncDispose]();
});

/** Its only process is the JVM, which fills its heap once /run/NAME is there. */
function unit(name: string, options: string, ...lines: string[]): string {
  const command = `${JAVA} ${options} -cp classes com.shop.WaitingShop /run/${name}`;
  return ['[Service]', `ExecStart=${command}`, `WorkingDirectory=${APPS}`, 'LimitCORE=0', ...lines, ''].join(
    '\n',
  );
}

async function crash(name: string): Promise<void> {
  await host.must('touch', `/run/${name}`);
  await agent.untilEvents(name, 'ended', 1);
}

async function dumpsOf(name: string): Promise<Listed[]> {
  const { dumps } = JSON.parse(await agent.crashmon('session', 'dumps', name, '--json')) as {
    dumps: Listed[];
  };
  return dumps;
}

async function untilKept(name: string, count: number): Promise<Listed[]> {
  await agent.untilEvents(name, 'dump', count);
  return await dumpsOf(name);
}

describe('in a session of a service', () => {
  test('copies of a heap dump and of hs_err are dumps, and the files stay', async () => {
    await host.units({ 'java-shop.service': unit('java-shop', '') });
    await host.must('systemctl', 'start', 'java-shop');
    await agent.start('--include', 'java-shop');
    const recipient = (await host.must('age-keygen', '-y', KEY)).trim();
    const started = await agent.crashmon(
      'session',
      'start',
      'java-shop',
      '--max-dumps',
      '2',
      '--key',
      recipient,
    );
    assert.match(started, /2 of 2 dumps left/);
    await crash('java-shop');
    const dumps = await untilKept('java-shop', 2);
    assert.deepEqual(dumps.map(({ kind }) => kind).toSorted(), ['java-error', 'java-heap']);
    for (const { id, kind, encryption } of dumps) {
      assert.equal(encryption, 'age');
      await agent.crashmon('session', 'get', id, '--identity', KEY, '--output', `/root/${kind}`);
      const original = kind === 'java-heap' ? 'java_pid*.hprof' : 'hs_err_pid*.log';
      await host.must('sh', '-c', `cmp /root/${kind} ${APPS}/${original}`);
      assert.match(
        await agent.crashmon('session', 'show', id),
        /ran out of memory \(Java\)[\s\S]*encrypted with age/,
      );
    }
    assert.match(await agent.crashmon('session', 'list'), /last session has ended: 2 dumps were kept/);
  });

  test('also of another user, who can write hs_err only to /tmp', async () => {
    const lines = ['User=daemon', 'StateDirectory=java-user'];
    await host.units({
      'java-user.service': unit('java-user', '-XX:HeapDumpPath=/var/lib/java-user', ...lines),
    });
    await host.must('systemctl', 'start', 'java-user');
    await agent.start('--include', 'java-user');
    await agent.crashmon('session', 'start', 'java-user', '--max-dumps', '2');
    await crash('java-user');
    const dumps = await untilKept('java-user', 2);
    assert.match(await agent.crashmon('session', 'show', dumps[0]?.id ?? ''), /ran out of memory \(Java\)/);
    assert.deepEqual(dumps.map(({ kind }) => kind).toSorted(), ['java-error', 'java-heap']);
    await host.must('sh', '-c', 'ls /tmp/hs_err_pid*.log /var/lib/java-user/java_pid*.hprof');
  });
});

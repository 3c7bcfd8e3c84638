import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { CHECKOUT } from '../support/crashmon.ts';
import {
  type AgentOfHost,
  agentOfHost,
  CRASHMON_OF_HOST,
  PATH_OF_HOST,
} from '../support/host/agent-of-host.ts';
import { memoryLimit } from '../support/host/memory-limit.ts';
import { dumpCore, handleCores } from '../support/systemd-host/system-cores.ts';
import { type SystemdHost, systemdHost } from '../support/systemd-host/systemd-host.ts';

const NODE = `${CHECKOUT}/node_modules/.bin/node`;
const CPP = `
#include <pthread.h>
#include <unistd.h>
static void *idle(void *) { for (;;) pause(); }
struct Order { int total; };
__attribute__((noinline)) static int pay(Order *order) { return order->total; }
int main(int count, char **words) {
  pthread_t thread;
  pthread_create(&thread, nullptr, idle, nullptr);
  if (count == 2) for (;;) pause();
  while (count > 2 && access(words[2], F_OK) != 0) usleep(20000);
  usleep(300000);
  return pay(nullptr);
}
`;
const PYTHON = `
import ctypes, time

def crash():
    ctypes.string_at(0)

time.sleep(0.3)
crash()
`;
const ABORT = `
function settle() { process.abort(); }
setTimeout(settle, 300);
`;

const EATS = `
import os, time

while not os.path.exists('/run/eat'):
    time.sleep(0.05)
eaten = []
while True:
    eaten.append(bytearray(2**20))
`;

const APPS = '/srv/apps';
const FILES = { 'shop.cpp': CPP, 'app.py': PYTHON, 'abort.js': ABORT, 'eats.py': EATS };
let host: SystemdHost;
let agent: AgentOfHost;
before(async () => {
  host = await systemdHost({ shared: [CHECKOUT] });
  agent = agentOfHost(host);
  await host.must('mkdir', '-p', APPS);
  for (const [name, text] of Object.entries(FILES))
    await host.must('sh', '-c', 'printf %s "$2" >"$1"', 'sh', path.join(APPS, name), text);
  await host.must('g++', '-g', '-O1', '-o', `${APPS}/shop`, `${APPS}/shop.cpp`, '-pthread');
  await host.must('mkdir', '-p', '/srv/jail/opt', '/opt');
  const statically = `g++ -g -O1 -static -pthread -o "$1" -Dpay=$2 -x c++ ${APPS}/shop.cpp`;
  await host.must('sh', '-c', statically, 'sh', '/srv/jail/opt/shop', 'pay');
  await host.must('sh', '-c', statically, 'sh', '/opt/shop', 'other');
});
after(async () => {
  await host?.[Symbol.asyncDispose]();
});

const unit = (command: string, ...lines: string[]) =>
  ['[Service]', `ExecStart=${command}`, `WorkingDirectory=${APPS}`, ...lines, ''].join('\n');

type Report = {
  kind: string;
  source: string;
  frames: { function: string | null; file: string | null; line: number | null }[];
  problems: { code: string }[];
  signature: { values: string[] };
};

async function reportOf(app: string): Promise<Report> {
  return JSON.parse(await agent.crashmon('show', '--app', app, '--json')) as Report;
}

/** A busy machine can be too slow for the one start, or to copy all in the time that a process is held: then it is started again. */
async function untilReported(app: string, stack: RegExp): Promise<Report> {
  for (let count = 5; ; count += 1) {
    const ended = await agent.untilEvents(app, 'ended', count);
    const captured = ended.filter((event) => event.captured).length;
    if (captured > 0) {
      await agent.untilEvents(app, 'report', captured);
      const report = await reportOf(app);
      if (stack.test(JSON.stringify(report.frames))) return report;
    }
    assert.ok(count < 12, `no such stack:\n${await host.journal('crashmon-agent')}`);
    await host.must('systemctl', 'reset-failed', app);
    await host.must('systemctl', 'start', app);
  }
}

/** Settles with the process that traces this one, once there is one other than `before`, which can just be ending. */
async function tracerOf(pid: string, before = '0'): Promise<string> {
  const read = `tracer=$(sed -n 's/^TracerPid:.//p' /proc/${pid}/status)`;
  const isOther = `[ -n "$tracer" ] && [ "$tracer" != 0 ] && [ "$tracer" != ${before} ]`;
  const script = `until ${read}; ${isOther}; do sleep 0.3; done; echo $tracer`;
  return (await host.must('sh', '-c', script)).trim();
}

async function untilTraced(pid: string, isTraced: boolean): Promise<void> {
  await host.until(`${isTraced ? '! ' : ''}grep -q "^TracerPid:.0$" /proc/${pid}/status`);
}

describe('fatal signals of services of systemd', () => {
  test('crash loops with the limits that systemd has by default: the one armed start is used', async () => {
    const sandbox = ['DynamicUser=yes', 'ProtectSystem=strict', 'PrivateUsers=yes'];
    const loops = {
      cpp: [`${APPS}/shop`, 'User=daemon', 'NoNewPrivileges=yes'],
      py: ['/usr/bin/python3 app.py', ...sandbox],
      aborts: [`${NODE} abort.js`],
      jail: ['/opt/shop', 'RootDirectory=/srv/jail', 'WorkingDirectory=/'],
    };
    for (const [name, [command = '', ...lines]] of Object.entries(loops))
      await host.units({ [`${name}.service`]: unit(command, 'Restart=always', ...lines) });
    await agent.start('--cooldown', '1s', ...Object.keys(loops).flatMap((name) => ['--include', name]));
    await host.must('systemctl', 'start', '--no-block', ...Object.keys(loops));
    // Of both threads.
    const cpp = await untilReported('cpp', /"pay","file":"shop\.cpp","line":6/);
    assert.deepEqual([cpp.kind, cpp.source, cpp.problems], ['fault', 'capture', []]);
    assert.equal(cpp.frames[1]?.function, 'main');
    await untilReported('py', /"ffi_call"/);
    // By its own file, not by the other one of the host with this path.
    assert.equal((await untilReported('jail', /"pay"/)).frames[1]?.function, 'main');
    assert.equal((await untilReported('aborts', /"settle","file":"abort\.js"/)).kind, 'abort');
    for (const name of Object.keys(loops))
      assert.match(await host.journal(name), /Main process exited, code=killed, status=(?:11\/SEGV|6\/ABRT)/);
    await agent.stop();
  });

  test('a service that runs is armed and disarmed as it is; with any part killed or stopped it goes on', async () => {
    const command = `${APPS}/shop wait`;
    await host.units({ 'calm.service': unit(command, 'User=daemon', 'Restart=always', 'WatchdogSec=1h') });
    await agent.start('--include', 'calm', '--arm-after', '0', '--cooldown', '2s');
    await host.must('systemctl', 'start', 'calm');
    const pid = await host.property('calm', 'MainPID');
    await untilTraced(pid, true);
    assert.match(await agent.crashmon('status', 'calm'), /the next fatal signal will be captured/);
    await agent.crashmon('disarm', 'calm');
    await untilTraced(pid, false);
    await agent.crashmon('arm', 'calm', '--auto');
    await untilTraced(pid, true);
    const first = await tracerOf(pid);
    await host.must('kill', '-KILL', first);
    await host.must('kill', '-STOP', await tracerOf(pid, first));
    await agent.killAndRestart();
    await untilTraced(pid, true);
    const state = await host.must('cat', `/proc/${pid}/status`);
    assert.match(state, /^State:\tS/m);
    assert.equal(await host.property('calm', 'MainPID'), pid);
    await host.must('kill', '-SEGV', pid);
    const [ended] = await agent.untilEvents('calm', 'ended', 1);
    assert.equal(ended?.captured, true);
    assert.equal(await host.property('calm', 'NRestarts'), '1');
    // After the cool-down, without a restart; a stopped agent does not hold the service.
    const next = await host.property('calm', 'MainPID');
    await untilTraced(next, true);
    const main = await host.property('crashmon-agent', 'MainPID');
    await host.must('kill', '-STOP', main);
    // One that a process sent can be lost.
    const restarts = 'systemctl show --value -p NRestarts calm';
    const script = `until [ "$(${restarts})" = 2 ]; do kill -SEGV ${next}; sleep 0.5; done 2>/dev/null`;
    await host.must('sh', '-c', script);
    await host.must('kill', '-CONT', main);
    await agent.untilEvents('calm', 'ended', 2);
    // Without gdbserver nothing is claimed.
    await host.must('mv', '/usr/bin/gdbserver', '/usr/bin/gdbserver.off');
    await agent.start('--include', 'calm', '--arm-after', '0', '--cooldown', '2s');
    await host.journalLine('crashmon-agent', /cannot be captured: gdbserver is not installed/);
    assert.match(
      await agent.crashmon('status', 'calm'),
      /watching\n.*no\s+capture\s+possible: crashmon\s+cannot\s+attach/s,
    );
    await host.must('mv', '/usr/bin/gdbserver.off', '/usr/bin/gdbserver');
    await host.must('systemctl', 'stop', 'calm');
    await agent.stop();
    assert.equal((await host.run('pgrep', '-x', 'gdbserver')).stdout, '');
  });

  test('a service that is killed at its memory limit is one OOM kill', async () => {
    await using limit = await memoryLimit(host, 40 * 1024 * 1024, 'eats');
    const command = `/bin/sh -c 'echo $$$$ >${limit.procs}; exec python3 ${APPS}/eats.py'`;
    await host.units({ 'eats.service': unit(command) });
    await host.must('systemctl', 'start', 'eats');
    const pid = await host.property('eats', 'MainPID');
    await host.until(`grep -q python /proc/${pid}/comm`);
    await agent.start('--include', 'eats');
    await host.must('touch', '/run/eat');
    const [ended] = await agent.untilEvents('eats', 'ended', 1);
    const { counted, kind, reasonCode } = (ended?.verdict ?? {}) as Record<string, unknown>;
    assert.deepEqual([counted, kind, reasonCode], [true, 'oom-kill', 'oom-kill']);
    assert.equal(ended?.captured, false);
    assert.match(await host.must('cat', `${limit.directory}/memory.oom_control`), /^oom_kill 1$/m);
    const crashes = JSON.parse(await agent.crashmon('crashes', '--json')) as { app: string }[];
    assert.equal(crashes.filter(({ app }) => app === 'eats').length, 1);
    await agent.stop();
  });

  test('a crash that nothing captured has the stack of systemd-coredump, and a later capture is in its group', async () => {
    await handleCores(host);
    const command = `${APPS}/shop --token=secret-word /run/go`;
    await host.units({ 'dumps.service': unit(command, 'User=daemon', 'Environment=TOKEN=secret-word') });
    await agent.start('--include', 'dumps');
    await host.must('systemctl', 'start', 'dumps');
    await dumpCore(host, await host.property('dumps', 'MainPID'), 'touch /run/go');
    await agent.untilEvents('dumps', 'system-core', 1);
    const first = await reportOf('dumps');
    assert.deepEqual([first.kind, first.source], ['fault', 'system-core']);
    assert.deepEqual(
      first.frames.slice(0, 2).map((frame) => frame.function),
      ['pay', 'main'],
    );
    // A machine can be too busy to look up lines in time, which the report says.
    const line = first.problems.length === 0 ? 6 : null;
    assert.equal(first.frames[0]?.line, line);
    assert.match(
      await agent.crashmon('show', '--app', 'dumps'),
      /the core dump, as the system's crash handler read it/,
    );
    await host.must('rm', '/run/go');
    await agent.crashmon('arm', 'dumps');
    await host.must('systemctl', 'start', 'dumps');
    await untilTraced(await host.property('dumps', 'MainPID'), true);
    await host.must('touch', '/run/go');
    await agent.untilEvents('dumps', 'report', 1);
    const second = await reportOf('dumps');
    assert.equal(second.source, 'capture');
    assert.ok(second.signature.values.includes(first.signature.values[0] ?? ''));
    await agent.stop();
    // `crashmon run` reads the same, of the worker below it.
    await host.must('rm', '/run/go');
    const run = ['run', '--name', 'own', '--restart', 'never', '--state-dir', '/var/lib/crashmon-test', '--'];
    const own = [...CRASHMON_OF_HOST, ...run, command].join(' ');
    await host.units({ 'own.service': unit(own, `Environment=${PATH_OF_HOST}`, 'KillMode=process') });
    await host.must('systemctl', 'start', 'own');
    await host.until('pgrep -x shop');
    await dumpCore(host, (await host.must('pgrep', '-x', 'shop')).trim(), 'touch /run/go');
    const read = () => agent.tryCrashmon('show', '--app', 'own', '--json');
    let shown = await read();
    // It ends before the report is made.
    for (let attempt = 0; attempt < 120 && shown.code !== 0; attempt++) {
      await delay(1_000);
      shown = await read();
    }
    const report = JSON.parse(shown.stdout) as Report;
    assert.deepEqual([report.source, report.frames[0]?.function], ['system-core', 'pay']);
    assert.equal((await host.run('grep', '-r', 'secret-word', '/var/lib/crashmon-test')).stdout, '');
  });
});

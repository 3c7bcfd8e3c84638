import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CHECKOUT } from '../support/crashmon.ts';
import { type AgentOfHost, agentOfHost } from '../support/host/agent-of-host.ts';
import { type SystemdHost, systemdHost } from '../support/systemd-host/systemd-host.ts';

let host: SystemdHost;
let agent: AgentOfHost;
before(async () => {
  host = await systemdHost({ shared: [CHECKOUT] });
  agent = agentOfHost(host);
  await agent.start('--all', '--arm-after', '999');
});
after(async () => {
  await host?.[Symbol.asyncDispose]();
});

const service = (command: string, ...lines: string[]) =>
  ['[Service]', `ExecStart=${command}`, ...lines, ''].join('\n');
const sh = (script: string) => `/bin/sh -c '${script}'`;
const EXITED = 'MESSAGE_ID=98e322203f7a4ed290d09fe03c09fe15';
const ACCEPT = 'import socket,sys; socket.socket(fileno=3).accept(); sys.exit(4)';

/** A unit, its exits, those that systemd logged with their status, and what crashmon makes of them. */
type Expected = [string, number, number, string, 'counted' | 'not counted'];

/** systemd logs no status of what it calls a success, nor of a unit that logs errors alone. */
async function logged(name: string): Promise<number> {
  const match = [`UNIT=${name}.service`, EXITED, 'COMMAND=ExecStart'];
  const { stdout } = await host.run('journalctl', '--quiet', '-o', 'cat', ...match);
  return stdout.split('\n').filter(Boolean).length;
}

/** Settles once so many exits of it are recorded. */
async function recorded(name: string, count: number): Promise<Expected> {
  const ended = await agent.untilEvents(name.replace(/@.*/, ''), 'ended', count);
  const verdicts = ended.map(({ verdict }) => verdict as { counted: boolean; reasonCode: string });
  const codes = verdicts.map(({ reasonCode }) => reasonCode);
  const counts = verdicts.map(({ counted }) => counted);
  assert.equal(new Set(counts).size, 1, name);
  const isCounted = counts[0] ? 'counted' : 'not counted';
  return [name, ended.length, await logged(name), [...new Set(codes)].join(), isCounted];
}

describe('crashmon agent counts what systemd calls a failure', () => {
  test('kinds of units, and each way in which one ends', async () => {
    const notify = ['Type=notify', 'NotifyAccess=all'];
    const units = {
      'plain.service': service(sh('exit 3'), 'Restart=always', 'RestartSec=50ms'),
      'templ@.service': service(sh('exit %i'), 'Restart=on-failure', 'RestartSec=50ms'),
      'ready.service': service(sh('systemd-notify --ready; exit 3'), ...notify),
      'hangs.service': service(sh('systemd-notify --ready; sleep 600'), ...notify, 'WatchdogSec=300ms'),
      'oneshot.service': service(sh('exit 3'), 'Type=oneshot'),
      'masked.service': service(sh('exit 0'), 'Restart=always', 'RestartSec=50ms'),
      'ignored.service': service(`-${sh('exit 3')}`),
      'accepted.service': service(sh('exit 3'), 'SuccessExitStatus=3'),
      'forced.service': service(sh('exit 3'), 'RestartForceExitStatus=3', 'RestartSec=50ms'),
      'sigterm.service': service(sh('kill -TERM $$$$')),
      'sigkill.service': service(sh('kill -KILL $$$$')),
      'sigsegv.service': service(sh('kill -SEGV $$$$')),
      'limited.service': service('/bin/sleep 600', 'RuntimeMaxSec=200ms'),
      'slow.service': service('/bin/sleep 600', 'Type=notify', 'TimeoutStartSec=200ms'),
      'nothing.service': service('/no/such/program'),
      'hushed.service': service(sh('exit 7'), 'LogLevelMax=err'),
      'before.service': service('/bin/sleep 600', 'ExecStartPre=/bin/false'),
      'sock.service': service(`/usr/bin/python3 -c "${ACCEPT}"`),
      'sock.socket': '[Socket]\nListenStream=/run/sock.test\n',
    };
    await host.units(units);
    const names = Object.keys(units).map((unit) => unit.replace('templ@', 'templ@5'));
    await host.must('systemctl', 'start', '--no-block', ...names.filter((name) => name !== 'sock.service'));
    const dial = 'import socket; socket.socket(socket.AF_UNIX).connect("/run/sock.test")';
    for (const _ of [1, 2]) {
      await host.must('sh', '-c', 'until systemctl is-active --quiet sock.socket; do sleep 0.05; done');
      await host.must('python3', '-c', dial);
      await host.must('sh', '-c', 'until systemctl is-failed --quiet sock.service; do sleep 0.05; done');
      await host.must('systemctl', 'reset-failed', 'sock.service');
    }
    const expected: Expected[] = [
      ['plain', 5, 5, 'unknown', 'counted'],
      ['templ@5', 5, 5, 'unknown', 'counted'],
      ['ready', 1, 1, 'unknown', 'counted'],
      ['hangs', 1, 1, 'watchdog-abort', 'counted'],
      ['oneshot', 1, 1, 'unknown', 'counted'],
      ['forced', 5, 5, 'unknown', 'counted'],
      ['sigsegv', 1, 1, 'invalid-memory-access', 'counted'],
      ['nothing', 1, 1, 'supervisor-cannot-start', 'counted'],
      ['sock', 2, 2, 'unknown', 'counted'],
      ['hushed', 1, 0, 'unknown', 'counted'],
      ['sigkill', 1, 1, 'killed-oom-unknown', 'not counted'],
      ['masked', 5, 0, 'normal', 'not counted'],
      ['ignored', 1, 0, 'accepted-by-supervisor', 'not counted'],
      ['accepted', 1, 0, 'accepted-by-supervisor', 'not counted'],
      ['sigterm', 1, 0, 'accepted-by-supervisor', 'not counted'],
      ['limited', 1, 0, 'supervisor-timeout', 'not counted'],
      ['slow', 1, 0, 'supervisor-timeout', 'not counted'],
    ];
    const found: Expected[] = [];
    for (const [name, count] of expected) found.push(await recorded(name, count));
    assert.deepEqual(found, expected);
    // It counts the restart that the limit refused.
    for (const name of ['plain', 'templ@5', 'forced', 'masked'])
      assert.equal(await host.property(name, 'NRestarts'), '5', name);
    assert.deepEqual(await agent.events('before', 'ended'), []);
  });

  test('a stop, a restart and a reload do not count, nor a stop that ends by SIGKILL', async () => {
    const calm = 'trap "exit 4" TERM; while :; do sleep 0.05; done';
    const deaf = 'trap "" TERM; while :; do sleep 0.05; done';
    await host.units({
      'calm.service': service(sh(calm), 'ExecReload=/bin/true', 'Restart=on-failure'),
      'deaf.service': service(sh(deaf), 'TimeoutStopSec=200ms'),
    });
    for (const name of ['calm', 'deaf']) {
      await host.must('systemctl', 'start', name);
      await agent.untilEvents(name, 'started', 1);
    }
    await host.must('systemctl', 'reload', 'calm');
    await host.must('systemctl', 'restart', 'calm');
    await agent.untilEvents('calm', 'started', 2);
    await host.must('systemctl', 'stop', 'calm', 'deaf');
    assert.deepEqual(await recorded('calm', 2), ['calm', 2, 2, 'stop-requested', 'not counted']);
    assert.deepEqual(await recorded('deaf', 1), ['deaf', 1, 1, 'stop-requested', 'not counted']);
  });
});

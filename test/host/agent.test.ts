import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fingerprint } from '../../src/formats/fingerprint.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import {
  type AgentOfHost,
  agentOfHost,
  CRASHMON_OF_HOST,
  PATH_OF_HOST,
} from '../support/host/agent-of-host.ts';
import { rounds } from '../support/rounds.ts';
import { type SystemdHost, systemdHost } from '../support/systemd-host/systemd-host.ts';

const APPS = '/srv/apps';
const NODE_APP = `
function pay(order) { return order.total.value; }
require('node:http').createServer(() => {}).listen(0, '127.0.0.1', () => setTimeout(() => pay({}), 100));
`;
const WAITING_APP = `
process.on('SIGUSR2', () => { throw new Error('asked'); });
setInterval(() => {}, 60_000);
console.log('ready');
`;
const PYTHON_APP = `
def work(key):
    return {}[key]

# What it runs is seen while it lives.
__import__('time').sleep(0.3)
work('secret-key')
`;
/** It goes on after an exception, and exits later for another reason. */
const SURVIVOR = `
import sys, time, traceback

def work(key):
    return {}[key]

try:
    work('secret-key')
except KeyError:
    traceback.print_exc()
time.sleep(3.5)
print('Shutting down.', file=sys.stderr)
sys.exit(1)
`;

/** As many as systemd grants. */
const MAX_STARTS = 5;

let host: SystemdHost;
let agent: AgentOfHost;
before(async () => {
  host = await systemdHost({ shared: [CHECKOUT] });
  agent = agentOfHost(host);
  const files = {
    'server.js': NODE_APP,
    'waits.js': WAITING_APP,
    'app.py': PYTHON_APP,
    'survivor.py': SURVIVOR,
  };
  await host.must('mkdir', '-p', APPS);
  for (const [name, text] of Object.entries(files)) {
    await host.must('sh', '-c', 'printf %s "$2" >"$1"', 'sh', path.join(APPS, name), text);
  }
});
after(async () => {
  await host?.[Symbol.asyncDispose]();
});

/** Is a process traced? */
async function untilWatched(pid: string, isWatched: boolean): Promise<void> {
  await host.until(`${isWatched ? '! ' : ''}grep -q "^TracerPid:.0$" /proc/${pid}/status`);
}

/** The helper is a child of the agent. */
async function signalHelper(signal: string): Promise<void> {
  const agent = await host.property('crashmon-agent', 'MainPID');
  const children = (await host.must('cat', `/proc/${agent}/task/${agent}/children`)).trim().split(' ');
  for (const pid of children) {
    const { stdout } = await host.run('cat', `/proc/${pid}/comm`);
    if (stdout.startsWith('watch-')) return void (await host.must('kill', `-${signal}`, pid));
  }
  assert.fail('there is no helper');
}

/** A busy machine can be too slow for the time that a process is held: then the next start is armed, too. */
async function untilCaptured(app: string): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const ended = await agent.events(app, 'ended');
    if (ended.some(({ captured }) => captured)) {
      await agent.untilEvents(app, 'report', 1);
      return;
    }
    await host.must('systemctl', 'reset-failed', app);
    await host.must('systemctl', 'start', app);
    await agent.untilEvents(app, 'ended', ended.length + 1);
  }
  assert.fail(`not captured:\n${await host.journal('crashmon-agent')}`);
}

const unit = (command: string, ...lines: string[]) =>
  ['[Service]', `ExecStart=${command}`, `WorkingDirectory=${APPS}`, ...lines, ''].join('\n');

describe('crashmon agent on a host with systemd', () => {
  test('explains crash loops from their first crash, in a sandbox too, and watches nothing that it need not', async () => {
    const node = `${CHECKOUT}/node_modules/.bin/node server.js`;
    // A busy machine can take longer for 5 starts than the 10 seconds that are the default.
    const limit = ['[Unit]', 'StartLimitIntervalSec=60'];
    await host.units({
      'shop.service': unit(node, 'Restart=always', ...limit),
      'box@.service': unit(
        '/usr/bin/python3 app.py',
        ...['Restart=on-failure', 'DynamicUser=yes', 'ProtectSystem=strict', 'ProtectProc=invisible'],
        ...['NoNewPrivileges=yes', ...limit],
      ),
      'batch.service': unit('/bin/sh -c "exit 3"'),
      'survivor.service': unit('/usr/bin/python3 survivor.py'),
    });
    await agent.start('--include', 'shop', '--include', 'box', '--include', 'survivor');
    await host.must('systemctl', 'start', '--no-block', 'survivor', 'shop', 'box@2', 'batch');
    // systemd grants 5 starts, as without the agent. More than 3 crashes arm the next process.
    await agent.untilEvents('shop', 'ended', 5);
    await agent.untilEvents('box', 'last-words', 5);
    await untilCaptured('shop');
    const shop = (await agent.recorded('shop')).toReversed().map(({ reasonCode }) => reasonCode);
    assert.ok(shop.indexOf('uncaught-exception') >= 4);
    assert.deepEqual(
      shop.filter((code) => code !== 'printed-exception'),
      ['uncaught-exception'],
    );
    // Crashes after it are explained by their last words.
    const captured = (await agent.events('shop', 'ended')).find((event) => event.captured);
    const report = JSON.parse(
      await agent.crashmon('show', String(captured?.runId), '--app', 'shop', '--json'),
    );
    assert.equal(report.source, 'capture');
    assert.equal(report.exceptionType, 'TypeError');
    const [first] = report.frames;
    assert.deepEqual([first.function, first.file, first.line], ['pay', 'server.js', 2]);
    for (const name of ['shop', 'box@2']) await host.until(`systemctl is-failed --quiet ${name}`);
    // All but the first are restarts, and one more was refused.
    const starts = Number(await host.property('box@2', 'NRestarts'));
    assert.equal(starts, MAX_STARTS);
    await agent.untilEvents('box', 'ended', starts);
    assert.equal((await agent.recorded('box')).length, starts);
    await agent.untilEvents('survivor', 'ended', 1);
    const python = await agent.crashmon('show', '--app', 'box');
    assert.match(python, /uncaught KeyError.*> work +app\.py:3/s);
    assert.doesNotMatch(python, /secret-key/);
    // The newest state is stored within a second.
    await delay(1_500);
    const status = await agent.crashmon('status');
    assert.match(status, /not watched: --include names only others:[^:]*\bbatch\b/);
    assert.match(status, /started by another supervisor: systemd:box@2\.service/);
    assert.match(status, /shop on \S+: cooling-down\n.*\n +not running\n.*systemd:shop\.service; watched:/);
    assert.match(status, /box on \S+: watching\n.*no\s+capture\s+possible/);
    assert.doesNotMatch(status, /armed/);
    assert.deepEqual(await agent.events('box', 'armed'), []);
    // What it printed before is not why it exited.
    assert.deepEqual(
      (await agent.recorded('survivor')).map(({ reasonCode, captured }) => [reasonCode, captured]),
      [['unknown', false]],
    );
    const arm = await agent.crashmon('arm', 'box', '--restart');
    assert.match(
      arm,
      /box on \S+ is armed: manually.*last\s+one\s+cannot\s+be\s+captured.*Nothing\s+was\s+restarted/s,
    );
  });

  test('a crash of a time without the agent has its call stack, unless the source changed since', async () => {
    const failed = (name: string) => host.run('systemctl', 'start', '--wait', name);
    await host.units({
      'late.service': unit('/usr/bin/python3 app.py'),
      'edited.service': unit('/usr/bin/python3 edited.py'),
      'other.service': unit('/bin/false'),
    });
    await host.must('cp', path.join(APPS, 'app.py'), path.join(APPS, 'edited.py'));
    await agent.start('--include', 'late', '--include', 'edited', '--include', 'other');
    await host.must('systemctl', 'start', '--no-block', 'other');
    await agent.untilEvents('other', 'ended', 1);
    await agent.stop();
    await failed('late');
    await failed('edited');
    await host.must('touch', path.join(APPS, 'edited.py'));
    await agent.start('--include', 'late', '--include', 'edited');
    await agent.untilEvents('late', 'last-words', 1);
    assert.match(await agent.crashmon('show', '--app', 'late'), /> work +app\.py:3/);
    assert.match(await agent.crashmon('status', 'other'), /other on \S+: not watched: --include names only/);
    await agent.untilEvents('edited', 'last-words', 1);
    assert.doesNotMatch((await agent.tryCrashmon('show', '--app', 'edited')).stdout, /edited\.py:3/);
    await agent.stop();
  });

  test('kill -9 at any time: what happened meanwhile is recorded once', async () => {
    await host.units({
      'loop.service': unit(
        '/bin/sh -c "exit 3"',
        ...['Restart=always', 'RestartSec=500ms', '[Unit]', 'StartLimitIntervalSec=0'],
      ),
    });
    await agent.start('--include', 'loop');
    await host.must('systemctl', 'start', 'loop');
    await agent.untilEvents('loop', 'ended', 3);
    for (let round = 0; round < rounds(1); round++) await agent.killAndRestart();
    await host.must('systemctl', 'stop', 'loop');
    const match = 'MESSAGE_ID=98e322203f7a4ed290d09fe03c09fe15';
    const entries = await host.must('journalctl', '--quiet', '-o', 'json', 'UNIT=loop.service', match);
    const expected = entries
      .trim()
      .split('\n')
      .map((text) => {
        const { _BOOT_ID: boot, INVOCATION_ID: invocation } = JSON.parse(text) as Record<string, string>;
        return fingerprint(`${boot}/${invocation}`).slice(0, 12);
      });
    // The agent reads what it missed from the journal, one exit after the other.
    await agent.untilRecorded(expected, 'loop');
    await agent.stop();
    const recorded = await agent.recorded('loop');
    const ids = recorded.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    // The stop at the end is an exit, too, and not in the journal.
    assert.deepEqual(
      expected.filter((id) => !ids.includes(id)),
      [],
    );
    // systemd can be asked to stop what ends just then.
    assert.ok(recorded.filter(({ counted }) => counted).length >= expected.length - 1);
    assert.deepEqual(await agent.events('loop', 'missed'), []);
  });

  test('on a full disk exits wait, also for the next agent, and are recorded once there is room', async () => {
    const state = '/var/lib/small';
    await host.must('mkdir', '-p', state);
    await host.must('mount', '-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', state);
    await host.units({
      'early.service': unit('/bin/sh -c "exit 3"'),
      'full.service': unit('/bin/sh -c "exit 4"'),
    });
    const agent = agentOfHost(host, 'small');
    await agent.start('--include', 'early', '--include', 'full');
    const crash = async (name: string) => {
      await host.run('systemctl', 'start', '--wait', name);
      const id = await host.property(name, 'InvocationID');
      await host.must('systemctl', 'reset-failed', name);
      return id;
    };
    const ids = [await crash('early')];
    await agent.untilEvents('early', 'ended', 1);
    await host.run('dd', 'if=/dev/zero', `of=${state}/filling`, 'bs=4k');
    const problems = (await agent.events('full', 'problem')).length;
    for (const name of ['early', 'full', 'full']) ids.push(await crash(name));
    await agent.untilEvents('full', 'problem', problems + 1);
    await agent.killAndRestart();
    ids.push(await crash('full'));
    await host.must('rm', `${state}/filling`);
    const boot = (await host.must('cat', '/proc/sys/kernel/random/boot_id')).trim().replaceAll('-', '');
    const expected = ids.map((id) => fingerprint(`${boot}/${id}`).slice(0, 12));
    const recorded = await agent.untilRecorded(expected);
    assert.deepEqual(recorded.map(({ id }) => id).toSorted(), expected.toSorted());
    assert.deepEqual(await agent.events('full', 'missed'), []);
    await agent.stop();
    await host.must('umount', state);
  });

  test('disarm leaves the process; with the helper killed or stopped it ends and restarts as without us', async () => {
    const node = `${CHECKOUT}/node_modules/.bin/node waits.js`;
    const restart = ['Restart=always', 'RestartSec=100ms'];
    const services = { killed: 'KILL', stopped: 'STOP' };
    for (const name of Object.keys(services))
      await host.units({ [`${name}.service`]: unit(node, ...restart) });
    await agent.start('--include', 'killed', '--include', 'stopped', '--arm-after', '0');
    for (const [name, signal] of Object.entries(services)) {
      await host.must('systemctl', 'start', name);
      await agent.untilEvents(name, 'armed', 1);
      await host.journalLine(name, /^ready$/m);
      const pid = await host.property(name, 'MainPID');
      await untilWatched(pid, true);
      await agent.crashmon('disarm', name);
      await untilWatched(pid, false);
      await agent.crashmon('arm', name, '--auto');
      await untilWatched(pid, true);
      await signalHelper(signal);
      await host.must('systemctl', 'kill', '--kill-who=main', '--signal=USR2', name);
      await agent.untilEvents(name, 'started', 2);
      await agent.untilEvents(name, 'ended', 1);
      const [ended] = await agent.events(name, 'ended');
      assert.deepEqual(ended?.status, { type: 'code', code: 1 });
      assert.equal(await host.property(name, 'NRestarts'), '1');
      assert.match(await host.journal(name), /Main process exited, code=exited, status=1\/FAILURE/);
      await host.must('systemctl', 'stop', name);
    }
    await agent.stop();
  });

  test('one that is stopped by a signal is started again', async () => {
    await agent.start('--include', 'none');
    const file = '/etc/systemd/system/crashmon-agent.service';
    await host.must('sed', '-i', 's/^WatchdogSec=.*/WatchdogSec=5s/', file);
    await host.must('systemctl', 'daemon-reload');
    await host.must('systemctl', 'restart', 'crashmon-agent');
    const before = (await agent.events(null, 'watching')).length;
    await host.must('systemctl', 'kill', '--signal=STOP', 'crashmon-agent');
    await agent.untilEvents(null, 'watching', before + 1);
    await agent.stop();
  });

  test('another user who can read the journal sees exits and last words', async () => {
    await host.units({
      'py.service': unit('/usr/bin/python3 app.py', 'User=daemon'),
      'reader.service': [
        '[Service]',
        `ExecStart=${CRASHMON_OF_HOST.join(' ')} agent --json --include py --state-dir /var/lib/reader`,
        `Environment=${PATH_OF_HOST}`,
        ...['User=games', 'SupplementaryGroups=systemd-journal', 'StateDirectory=reader', ''],
      ].join('\n'),
    });
    await host.must('systemctl', 'start', 'reader');
    await host.journalLine('reader', /"watching"/);
    await host.must('systemctl', 'start', '--no-block', 'py');
    await host.journalLine('reader', /"last-words".*"hasStack":true/);
    const show = [...CRASHMON_OF_HOST, 'show', '--state-dir', '/var/lib/reader'];
    const { stdout } = await host.run('env', PATH_OF_HOST, ...show);
    assert.match(stdout, /uncaught KeyError/);
    await host.must('systemctl', 'stop', 'reader');
    assert.doesNotMatch(await host.journal('reader'), /"app":"py","event":"problem"/);
  });
});

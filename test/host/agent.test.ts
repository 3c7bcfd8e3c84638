import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fingerprint } from '../../src/formats/fingerprint.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { type SystemdHost, systemdHost } from '../support/systemd-host/systemd-host.ts';

const CRASHMON = path.join(CHECKOUT, 'crashmon');
const PATH = `PATH=${CHECKOUT}/node_modules/.bin:/usr/local/bin:/usr/bin:/bin`;
const APPS = '/srv/apps';
const STATE = '/var/lib/crashmon-test';
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

let host: SystemdHost;
before(async () => {
  host = await systemdHost({ shared: [CHECKOUT] });
  const files = { 'server.js': NODE_APP, 'waits.js': WAITING_APP, 'app.py': PYTHON_APP };
  await host.must('mkdir', '-p', APPS);
  for (const [name, text] of Object.entries(files)) {
    await host.must('sh', '-c', 'printf %s "$2" >"$1"', 'sh', path.join(APPS, name), text);
  }
});
after(async () => {
  await host?.[Symbol.asyncDispose]();
});

/** The unit that comes with crashmon, of this checkout and with other options. */
async function startAgent(...options: string[]): Promise<void> {
  const unit = await host.must('cat', path.join(CHECKOUT, 'deploy/systemd/crashmon-agent.service'));
  const command = [CRASHMON, 'agent', '--json', '--state-dir', STATE, ...options].join(' ');
  const ours = unit
    .replace(/^ExecStart=.*$/m, `ExecStart=${command}\nEnvironment=${PATH}`)
    .replace(/^RestartSec=.*$/m, 'RestartSec=1s')
    .replace(/^StateDirectory=.*$/m, `StateDirectory=crashmon-test`);
  await host.units({ 'crashmon-agent.service': ours });
  const before = (await events(null, 'watching')).length;
  await host.must('systemctl', 'restart', 'crashmon-agent');
  await untilEvents(null, 'watching', before + 1);
}

async function stopAgent(): Promise<void> {
  await host.must('systemctl', 'stop', 'crashmon-agent');
}

async function crashmon(...args: string[]): Promise<string> {
  return host.must('env', PATH, CRASHMON, ...args, '--state-dir', STATE);
}

type Crash = { id: string; counted: boolean; reasonCode: string };

async function crashes(app: string): Promise<Crash[]> {
  return JSON.parse(await crashmon('crashes', '--app', app, '--json')) as Crash[];
}

/** Events of the agent, in order. */
async function events(app: string | null, name: string): Promise<Record<string, unknown>[]> {
  const lines = (await host.journal('crashmon-agent')).split('\n').filter((line) => line.startsWith('{'));
  const all = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return all.filter((event) => event.app === app && event.event === name);
}

async function untilEvents(app: string | null, name: string, count: number): Promise<void> {
  for (let attempt = 0; attempt < 1_200; attempt++) {
    if ((await events(app, name)).length >= count) return;
    await delay(100);
  }
  assert.fail(`no ${count} × ${name} of ${app}:\n${await host.journal('crashmon-agent')}`);
}

async function untilRecorded(app: string, ids: readonly string[]): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const recorded = new Set((await crashes(app)).map(({ id }) => id));
    if (ids.every((id) => recorded.has(id))) return;
    await delay(100);
  }
  assert.fail(`not all of ${ids.length} exits of ${app}:\n${await host.journal('crashmon-agent')}`);
}

/** Is a process traced? */
async function untilWatched(pid: string, isWatched: boolean): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const status = await host.must('cat', `/proc/${pid}/status`);
    if (/^TracerPid:\s+0$/m.test(status) !== isWatched) return;
    await delay(100);
  }
  assert.fail(`${pid} is ${isWatched ? 'not ' : ''}watched`);
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
    const ended = await events(app, 'ended');
    if (ended.some(({ captured }) => captured)) {
      await untilEvents(app, 'report', 1);
      return;
    }
    await host.must('systemctl', 'reset-failed', app);
    await host.must('systemctl', 'start', app);
    await untilEvents(app, 'ended', ended.length + 1);
  }
  assert.fail(`not captured:\n${await host.journal('crashmon-agent')}`);
}

const unit = (command: string, ...lines: string[]) =>
  ['[Service]', `ExecStart=${command}`, `WorkingDirectory=${APPS}`, ...lines, ''].join('\n');

describe('crashmon agent on a host with systemd', () => {
  test('explains crash loops from their first crash, in a sandbox too, and watches nothing that it need not', async () => {
    const node = `${CHECKOUT}/node_modules/.bin/node server.js`;
    await host.units({
      'shop.service': unit(node, 'Restart=always'),
      'box@.service': unit(
        '/usr/bin/python3 app.py',
        ...['Restart=on-failure', 'DynamicUser=yes', 'ProtectSystem=strict', 'ProtectProc=invisible'],
        'NoNewPrivileges=yes',
      ),
      'batch.service': unit('/bin/sh -c "exit 3"'),
    });
    await startAgent('--include', 'shop', '--include', 'box');
    await host.must('systemctl', 'start', '--no-block', 'shop', 'box@2', 'batch');
    // What systemd grants: 5 starts in 10 seconds. More than 3 crashes arm the next process, which is the last one.
    await untilEvents('shop', 'ended', 5);
    await untilEvents('box', 'last-words', 5);
    await untilCaptured('shop');
    const shop = (await crashes('shop')).toReversed().map(({ reasonCode }) => reasonCode);
    assert.ok(shop.indexOf('uncaught-exception') >= 4);
    assert.deepEqual(
      shop.filter((code) => code !== 'printed-exception'),
      ['uncaught-exception'],
    );
    const report = JSON.parse(await crashmon('show', '--app', 'shop', '--json'));
    assert.equal(report.source, 'capture');
    assert.equal(report.exceptionType, 'TypeError');
    const [first] = report.frames;
    assert.deepEqual([first.function, first.file, first.line], ['pay', 'server.js', 2]);
    assert.equal((await crashes('box')).length, 5);
    const python = await crashmon('show', '--app', 'box');
    assert.match(python, /uncaught KeyError.*> work +app\.py:3/s);
    assert.doesNotMatch(python, /secret-key/);
    // The newest state is stored within a second.
    await delay(1_500);
    const status = await crashmon('status');
    assert.match(status, /shop \(systemd shop\.service\): not running; watched: --include names it/);
    assert.match(status, /explained\s+by\s+its\s+last\s+lines\s+in\s+the\s+journal/);
    assert.match(status, /not watched: --include names only others:[^:]*\bbatch\b/);
    assert.match(status, /started by another supervisor: systemd:box@2\.service/);
    assert.match(status, /shop on \S+: cooling-down\n/);
    assert.match(status, /box on \S+: watching\n.*no\s+capture\s+possible/);
    assert.doesNotMatch(status, /armed/);
    assert.deepEqual(await events('box', 'armed'), []);
    const arm = await crashmon('arm', 'box', '--restart');
    assert.match(arm, /box on \S+ is watching: .*no\s+capture\s+possible.*Nothing\s+was\s+restarted/s);
  });

  test('a crash of a time without the agent has its call stack, unless the source changed since', async () => {
    const failed = async (name: string) => {
      await host.must('systemctl', 'start', name);
      await host.must('sh', '-c', `until systemctl is-failed ${name}; do sleep 0.1; done`);
    };
    await host.units({
      'late.service': unit('/usr/bin/python3 app.py'),
      'edited.service': unit('/usr/bin/python3 edited.py'),
    });
    await host.must('cp', path.join(APPS, 'app.py'), path.join(APPS, 'edited.py'));
    await startAgent('--include', 'late', '--include', 'edited');
    await stopAgent();
    await failed('late');
    await failed('edited');
    await host.must('touch', path.join(APPS, 'edited.py'));
    await startAgent('--include', 'late', '--include', 'edited');
    await untilEvents('late', 'last-words', 1);
    assert.match(await crashmon('show', '--app', 'late'), /> work +app\.py:3/);
    await untilEvents('edited', 'last-words', 1);
    assert.doesNotMatch(
      (await host.run('env', PATH, CRASHMON, 'show', '--app', 'edited', '--state-dir', STATE)).stdout,
      /edited\.py:3/,
    );
    await stopAgent();
  });

  test('kill -9 at any time: what happened meanwhile is recorded once', async () => {
    await host.units({
      'loop.service': unit(
        '/bin/sh -c "exit 3"',
        ...['Restart=always', 'RestartSec=100ms', '[Unit]', 'StartLimitIntervalSec=0'],
      ),
    });
    await startAgent('--include', 'loop');
    assert.match(await crashmon('status', 'shop'), /shop on \S+: not watched: --include names only/);
    await host.must('systemctl', 'start', 'loop');
    await untilEvents('loop', 'ended', 3);
    for (const _round of [1, 2]) {
      const before = (await events(null, 'watching')).length;
      await host.must('systemctl', 'kill', '--signal=KILL', 'crashmon-agent');
      await untilEvents(null, 'watching', before + 1);
    }
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
    await untilRecorded('loop', expected);
    await stopAgent();
    const recorded = await crashes('loop');
    const ids = recorded.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    // The stop at the end is an exit, too, and not in the journal.
    assert.deepEqual(
      expected.filter((id) => !ids.includes(id)),
      [],
    );
    // systemd can be asked to stop what ends just then.
    assert.ok(recorded.filter(({ counted }) => counted).length >= expected.length - 1);
    assert.deepEqual(await events('loop', 'missed'), []);
  });

  test('disarm leaves the process; with the helper killed or stopped it ends and restarts as without us', async () => {
    const node = `${CHECKOUT}/node_modules/.bin/node waits.js`;
    const restart = ['Restart=always', 'RestartSec=100ms'];
    const services = { killed: 'KILL', stopped: 'STOP' };
    for (const name of Object.keys(services))
      await host.units({ [`${name}.service`]: unit(node, ...restart) });
    await startAgent('--include', 'killed', '--include', 'stopped', '--arm-after', '0');
    for (const [name, signal] of Object.entries(services)) {
      await host.must('systemctl', 'start', name);
      await untilEvents(name, 'armed', 1);
      await host.journalLine(name, /^ready$/m);
      const pid = await host.property(name, 'MainPID');
      await untilWatched(pid, true);
      await crashmon('disarm', name);
      await untilWatched(pid, false);
      await crashmon('arm', name, '--auto');
      await untilWatched(pid, true);
      await signalHelper(signal);
      await host.must('systemctl', 'kill', '--kill-who=main', '--signal=USR2', name);
      await untilEvents(name, 'started', 2);
      await untilEvents(name, 'ended', 1);
      const [ended] = await events(name, 'ended');
      assert.deepEqual(ended?.status, { type: 'code', code: 1 });
      assert.equal(await host.property(name, 'NRestarts'), '1');
      assert.match(await host.journal(name), /Main process exited, code=exited, status=1\/FAILURE/);
      await host.must('systemctl', 'stop', name);
    }
    await stopAgent();
  });

  test('one that is stopped by a signal is started again', async () => {
    await startAgent('--include', 'none');
    const file = '/etc/systemd/system/crashmon-agent.service';
    await host.must('sed', '-i', 's/^WatchdogSec=.*/WatchdogSec=5s/', file);
    await host.must('systemctl', 'daemon-reload');
    await host.must('systemctl', 'restart', 'crashmon-agent');
    const before = (await events(null, 'watching')).length;
    await host.must('systemctl', 'kill', '--signal=STOP', 'crashmon-agent');
    await untilEvents(null, 'watching', before + 1);
    await stopAgent();
  });

  test('another user who can read the journal sees exits and last words', async () => {
    await host.units({
      'py.service': unit('/usr/bin/python3 app.py', 'User=daemon'),
      'reader.service': [
        '[Service]',
        `ExecStart=${CRASHMON} agent --json --include py --state-dir /var/lib/reader`,
        `Environment=${PATH}`,
        ...['User=games', 'SupplementaryGroups=systemd-journal', 'StateDirectory=reader', ''],
      ].join('\n'),
    });
    await host.must('systemctl', 'start', 'reader');
    await host.journalLine('reader', /"watching"/);
    await host.must('systemctl', 'start', '--no-block', 'py');
    await host.journalLine('reader', /"last-words".*"hasStack":true/);
    const { stdout } = await host.run('env', PATH, CRASHMON, 'show', '--state-dir', '/var/lib/reader');
    assert.match(stdout, /uncaught KeyError/);
    await host.must('systemctl', 'stop', 'reader');
    assert.doesNotMatch(await host.journal('reader'), /"problem"/);
  });
});

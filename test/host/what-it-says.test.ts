import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceStatus } from '../../src/host/host-status.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { COMPILE_CACHE, CRASHMON_OF_HOST, PATH_OF_HOST } from '../support/host/agent-of-host.ts';
import { type SystemdHost, systemdHost } from '../support/systemd-host/systemd-host.ts';

const NODE = `${CHECKOUT}/node_modules/.bin/node`;
const AGENTS = { ann: 'agent-of-ann', bob: 'agent-of-bob' };
const APPS = '/srv/apps';
const SERVER = `
function pay(order) { return order.total.value; }
process.on('SIGUSR2', () => pay({}));
require('node:http').createServer(() => {}).listen(0, '127.0.0.1', () => console.log('ready'));
`;
const PYTHON = `
import http.server, signal
def work(key): return {}[key]
signal.signal(signal.SIGUSR2, lambda *_: work('secret-key'))
http.server.HTTPServer(('127.0.0.1', 0), http.server.BaseHTTPRequestHandler).serve_forever()
`;

let host: SystemdHost;
before(async () => {
  host = await systemdHost({ shared: [CHECKOUT] });
  await host.must('mkdir', '-p', APPS);
  for (const [name, text] of Object.entries({ 'server.js': SERVER, 'app.py': PYTHON })) {
    await host.must('sh', '-c', 'printf %s "$2" >"$1"', 'sh', path.join(APPS, name), text);
  }
  await host.must('useradd', '--create-home', '--groups', 'systemd-journal', 'ann');
  await host.must('useradd', '--create-home', 'bob');
});
after(async () => {
  await host?.[Symbol.asyncDispose]();
});

const unit = (command: string, ...lines: string[]) =>
  ['[Service]', `ExecStart=${command}`, `WorkingDirectory=${APPS}`, 'Restart=always', ...lines, ''].join(
    '\n',
  );

const agentOf = (user: string, ...options: string[]) =>
  unit(
    [...CRASHMON_OF_HOST, 'agent --json', ...options].join(' '),
    `User=${user}`,
    ...[`Environment=${PATH_OF_HOST} HOME=/home/${user}`, 'KillMode=mixed'],
  );

/** What `crashmon` prints for a user. */
async function crashmonAs(user: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await tryAs(user, ...args);
  assert.equal(stderr, '', args.join(' '));
  return stdout;
}

function tryAs(user: string, ...args: string[]): ReturnType<SystemdHost['run']> {
  const environment = ['env', PATH_OF_HOST, `HOME=/home/${user}`];
  const becomes = ['--reuid', user, '--regid', user, '--init-groups', ...environment];
  return host.run('setpriv', ...becomes, ...CRASHMON_OF_HOST, ...args);
}

async function untilTrue(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 300_000;
  while (performance.now() < deadline) {
    if (await isTrue()) return;
    await delay(1_000);
  }
  const logs = await Promise.all(Object.values(AGENTS).map((agent) => host.journal(agent)));
  assert.fail(`not in time: ${what}\n${logs.join('\n\n')}`);
}

type Status = { app: string; noCapture: { reason: string } | null };
type Crash = { app: string; captured: boolean };

async function crashesOf(user: string): Promise<Crash[]> {
  return JSON.parse(await crashmonAs(user, 'crashes', '--json')) as Crash[];
}

/** The agent learns this in the moments after a start. */
function isKnown(running: ServiceStatus['running']): boolean {
  return running !== null && running.runtime !== null && running.noWords !== 'not-known-yet';
}

describe('crashmon agent as an ordinary user', () => {
  const APPLICATIONS = {
    'shop.service': unit(`${NODE} server.js`, 'User=daemon'),
    'python.service': unit('/usr/bin/python3 app.py', 'User=daemon'),
    'quiet.service': unit(`${NODE} server.js`, 'User=daemon', 'LogLevelMax=err'),
    'logs.service': unit(`${NODE} server.js`, 'User=daemon', 'StandardError=file:/var/log/logs.err'),
    'anns.service': unit(`${NODE} server.js`, 'User=ann'),
    'bobs.service': unit(`${NODE} server.js`, 'User=bob'),
  };
  const NAMES = Object.keys(APPLICATIONS).map((name) => name.replace('.service', ''));

  /** Is the stack of a crash read, and can the kernel's permissions allow a capture? */
  const SAYS: Record<'ann' | 'bob', Record<string, [noWords: string | null, noCapture: string | null]>> = {
    ann: {
      shop: [null, 'not-permitted'],
      python: [null, 'not-permitted'],
      quiet: ['filtered', 'not-permitted'],
      logs: ['file', 'not-permitted'],
      anns: [null, null],
      bobs: [null, 'not-permitted'],
    },
    bob: {
      shop: ['no-access', 'not-permitted'],
      python: ['no-access', 'not-permitted'],
      quiet: ['filtered', 'not-permitted'],
      logs: ['file', 'not-permitted'],
      anns: ['no-access', 'not-permitted'],
      bobs: [null, null],
    },
  };

  /** One of each kind, for doctor. */
  const ASKED = [
    ['ann', 'shop'],
    ['ann', 'anns'],
    ['bob', 'anns'],
  ] as const;

  test('status and doctor say of each service what a crash then leaves, and crashes show that it was true', async () => {
    const include = NAMES.map((name) => `--include ${name}`);
    await host.units({
      ...APPLICATIONS,
      'agent-of-ann.service': agentOf('ann', ...include),
      'agent-of-bob.service': agentOf('bob', ...include),
    });
    await host.must('systemctl', 'start', ...NAMES);
    for (const name of ['shop', 'anns', 'bobs']) await host.journalLine(name, /^ready$/m);
    await host.must('systemctl', 'start', ...Object.values(AGENTS));
    for (const user of ['ann', 'bob'] as const) {
      await host.journalLine(AGENTS[user], /"event":"watching","count":6/);
      await untilTrue(`all that ${user} sees`, async () => {
        const said = await saidTo(user);
        return NAMES.every((name) => said[name] !== undefined);
      });
      assert.deepEqual(await saidTo(user), SAYS[user], user);
    }
    for (const [user, name] of ASKED) {
      const { stdout, code } = await tryAs(user, 'doctor', '--service', name, '--json');
      const { willCapture, willCaptureNative, reads } = JSON.parse(stdout);
      const [noWords = null, noCapture = null] = SAYS[user][name] ?? [];
      const captures = noCapture === null;
      assert.deepEqual(
        [willCapture, willCaptureNative, reads],
        [captures, captures, noWords === null],
        stdout,
      );
      assert.equal(code, captures || noWords === null ? 0 : 1, `${user} ${name}`);
    }
    // Before its first crash an app has no journal: the agent is asked for one.
    assert.match(
      await crashmonAs('ann', 'arm', 'anns'),
      /^anns on \S+ is armed: manually; the next uncaught exception/,
    );
    await host.journalLine(AGENTS.ann, /"app":"anns","event":"armed"/);
    assert.match(await crashmonAs('bob', 'disarm', 'shop'), /^shop on \S+ is disabled: /);
    const cannotRead = /This user cannot read the journal: .*group systemd-journal/;
    assert.match(await host.journal(AGENTS.bob), cannotRead);
    assert.doesNotMatch(await host.journal(AGENTS.ann), cannotRead);

    await host.must('systemctl', 'kill', '--signal=USR2', ...NAMES);
    for (const user of ['ann', 'bob'] as const) {
      const read = NAMES.filter((name) => SAYS[user][name]?.[0] === null);
      const explained = (crashes: Crash[]) =>
        crashes.filter(({ captured }) => captured).map(({ app }) => app);
      let crashes: Crash[] = [];
      await untilTrue(`crashes and reports for ${user}`, async () => {
        crashes = await crashesOf(user);
        return crashes.length === NAMES.length && explained(crashes).length >= read.length;
      });
      assert.deepEqual(crashes.map(({ app }) => app).sort(), NAMES.toSorted());
      assert.deepEqual(explained(crashes).sort(), read.sort(), user);
    }
    // Said from the first crash on, not only once it would arm.
    const ofShop = /"app":"shop","event":"ended".*"noCapture":\{"why":"not-permitted"/;
    assert.match(await host.journal(AGENTS.ann), ofShop);
    const { apps } = JSON.parse(await crashmonAs('ann', 'status', '--json'));
    const reasons = apps.map(({ app, noCapture }: Status) => [app, noCapture?.reason ?? null]);
    const expected = Object.entries(SAYS.ann).map(([app, [, noCapture]]) => [app, noCapture]);
    assert.deepEqual(Object.fromEntries(reasons), Object.fromEntries(expected));
    await host.must('systemctl', 'stop', ...Object.values(AGENTS));
  });

  async function saidTo(user: string): Promise<Record<string, [string | null, string | null]>> {
    const { agent } = JSON.parse(await crashmonAs(user, 'status', '--json')) as {
      agent?: { services: ServiceStatus[] };
    };
    const watched = agent?.services.filter(({ running }) => isKnown(running)) ?? [];
    return Object.fromEntries(
      watched.map(({ name, running }) => [name, [running?.noWords ?? null, running?.noCapture ?? null]]),
    );
  }
});

describe('crashmon agent as root', () => {
  const DIRECTORY = '/var/lib/crashmon';
  type Doctor = { willCapture: boolean | null; willCaptureNative: boolean | null; reads: boolean };
  type Row = {
    unit: string;
    /** What doctor says before any crash. */
    says: [willCapture: boolean | null, reads: boolean];
    /** What then has a call stack: the first crash, and one of an armed process. */
    first: boolean;
    armed: boolean;
  };
  const ROWS: Record<string, Row> = {
    'd-node': { unit: unit(`${NODE} server.js`), says: [true, true], first: true, armed: true },
    'd-python': { unit: unit('/usr/bin/python3 app.py'), says: [false, true], first: true, armed: true },
    'd-filtered': {
      ...{ unit: unit(`${NODE} server.js`, 'LogLevelMax=err'), says: [true, false] },
      ...{ first: false, armed: true },
    },
    'd-file': {
      unit: unit(`${NODE} server.js`, 'StandardError=file:/var/log/d.err'),
      ...{ says: [true, false], first: false, armed: true },
    },
    'd-null': {
      unit: unit('/usr/bin/python3 app.py', 'StandardError=null'),
      ...{ says: [false, false], first: false, armed: false },
    },
    'd-off': { unit: unit(`${NODE} server.js`), says: [false, true], first: true, armed: true },
  };
  const NAMES = Object.keys(ROWS);

  before(async () => {
    const settings = [
      'exclude = ["excluded"]',
      '[apps.d-off]',
      'debugger = false',
      '[apps.old]',
      'name = "shop-of-run"',
    ];
    await host.must('mkdir', '-p', '/etc/crashmon');
    await write('/etc/crashmon/agent.toml', settings.join('\n'));
    const agent = await host.must('cat', path.join(CHECKOUT, 'deploy/systemd/crashmon-agent.service'));
    const start = `ExecStart=${CRASHMON_OF_HOST.join(' ')} agent --json\nEnvironment=${PATH_OF_HOST}\n${COMPILE_CACHE}`;
    await host.units({
      'crashmon-agent.service': agent.replace(/^ExecStart=.*$/m, start),
      'excluded.service': unit(`${NODE} server.js`),
      'opted-out.service': unit(`${NODE} server.js`, 'Environment=CRASHMON_ENABLED=false'),
      ...Object.fromEntries(NAMES.map((name) => [`${name}.service`, ROWS[name]?.unit ?? ''])),
    });
    await host.must('systemctl', 'start', 'excluded', 'opted-out', ...NAMES);
    await host.must('systemctl', 'start', 'crashmon-agent');
  });

  const write = (file: string, text: string) =>
    host.must('sh', '-c', 'printf %s "$2" >"$1"', 'sh', file, text);
  const crashmon = (...args: string[]) => host.run('env', PATH_OF_HOST, ...CRASHMON_OF_HOST, ...args);

  async function services(): Promise<ServiceStatus[]> {
    const { stdout } = await crashmon('status', '--json');
    const { agent } = JSON.parse(stdout) as { agent: { services: ServiceStatus[] } };
    return agent.services;
  }

  async function crashesOfAll(): Promise<Crash[]> {
    return JSON.parse((await crashmon('crashes', '--json')).stdout) as Crash[];
  }

  test('doctor says of each kind of service what its crashes then leave', async () => {
    await untilTrue('all are watched', async () => {
      const known = (await services()).filter(({ running }) => isKnown(running));
      return NAMES.every((name) => known.some((service) => service.name === name));
    });
    for (const [name, { says }] of Object.entries(ROWS)) {
      const { stdout, code } = await crashmon('doctor', '--service', name, '--json');
      const { willCapture, reads } = JSON.parse(stdout) as Doctor;
      assert.deepEqual([willCapture, reads], says, `${name}: ${stdout}`);
      assert.equal(code, says.includes(true) ? 0 : 1, name);
    }
    const notWatched = {
      excluded: /--exclude excluded/,
      'opted-out': /CRASHMON_ENABLED=false/,
      unknown: /knows no service/,
    };
    for (const [name, why] of Object.entries(notWatched)) {
      const { stdout, code } = await crashmon('doctor', '--service', name);
      assert.match(stdout, why);
      assert.equal(code, 1, name);
    }
    const others = ['excluded', 'opted-out'];
    await host.must('systemctl', 'kill', '--signal=USR2', ...NAMES, ...others);
    const captured = (crashes: Crash[], name: string) =>
      crashes.filter((crash) => crash.app === name && crash.captured).length;
    const explained = NAMES.filter((name) => ROWS[name]?.first);
    await untilTrue('the first crash of each', async () => {
      const crashes = await crashesOfAll();
      return crashes.length === NAMES.length && explained.every((name) => captured(crashes, name) === 1);
    });
    // Those that nothing explains are captured once they are armed.
    const armable = NAMES.filter((name) => ROWS[name]?.first === false && ROWS[name]?.armed);
    for (const name of armable) assert.equal((await crashmon('arm', name)).code, 0);
    for (const name of armable)
      await host.journalLine('crashmon-agent', new RegExp(`"app":"${name}","event":"armed"`));
    await host.must('systemctl', 'kill', '--signal=USR2', 'd-null');
    // A busy machine can be too slow for the time that a process is held: then the next one is.
    for (let rest = armable, round = 2; rest.length > 0; round++) {
      assert.ok(round < 10, `not captured: ${rest}\n${await host.journal('crashmon-agent')}`);
      await host.must('systemctl', 'kill', '--signal=USR2', ...rest);
      const ended = (log: string, name: string) =>
        log.match(new RegExp(`"app":"${name}","event":"ended".*`, 'g')) ?? [];
      const log = await host.journalUntil('crashmon-agent', `crash ${round} of ${rest}`, (text) =>
        rest.every((name) => ended(text, name).length >= round) ? text : null,
      );
      rest = rest.filter((name) => !ended(log, name).some((event) => event.includes('"captured":true')));
      for (const name of rest)
        await host.journalLine(
          'crashmon-agent',
          new RegExp(`(?:"app":"${name}","event":"armed"[^]*){${round}}`),
        );
    }
    await untilTrue('reports of captures', async () => {
      const crashes = await crashesOfAll();
      return (
        armable.every((name) => captured(crashes, name) === 1) &&
        crashes.filter(({ app }) => app === 'd-null').length === 2
      );
    });
    const crashes = await crashesOfAll();
    assert.equal(captured(crashes, 'd-null'), 0);
    assert.ok(!crashes.some(({ app }) => others.includes(app)));
  });

  test('an app that crashmon run started keeps its history', async () => {
    const command = `${CHECKOUT}/crashmon run --name shop-of-run -- ${NODE} server.js`;
    await host.units({ 'old.service': unit(command, 'KillMode=mixed') });
    await host.must('systemctl', 'start', 'old');
    await host.journalLine('old', /^ready$/m);
    const crashesOfShop = async () => (await crashesOfAll()).filter(({ app }) => app === 'shop-of-run');

    await host.must(
      'sh',
      '-c',
      'kill -USR2 $(pgrep -P $(systemctl show --value -p MainPID old) -f server.js)',
    );
    await untilTrue('a crash under run', async () =>
      (await crashesOfShop()).some(({ captured }) => captured),
    );
    await host.must('systemctl', 'stop', 'old');
    await host.units({ 'old.service': unit(`${NODE} server.js`) });
    await host.must('systemctl', 'start', 'old');
    await host.journalLine('crashmon-agent', /"app":"shop-of-run","event":"started"/);
    // What is not known to be Node.js has no last words of it.
    await untilTrue('it is known', async () =>
      (await services()).some(({ app, running }) => app === 'shop-of-run' && isKnown(running)),
    );
    await host.must('systemctl', 'kill', '--signal=USR2', 'old');
    await untilTrue('a crash under the agent', async () => {
      return (await crashesOfShop()).filter(({ captured }) => captured).length === 2;
    });
    const { apps } = JSON.parse((await crashmon('status', 'shop-of-run', '--json')).stdout);
    assert.equal(apps.length, 1, JSON.stringify(apps));
    assert.equal(apps[0].crashesInWindow, 2);
    assert.equal(apps[0].service.id, 'systemd:old.service');
  });

  test('once it is stopped and its state is removed, nothing of it is left', async () => {
    await host.must('systemctl', 'disable', '--now', 'crashmon-agent', 'agent-of-ann', 'agent-of-bob');
    const { stdout } = await host.run('pgrep', '^crashmon|^watch-|^gdbserver');
    assert.equal(stdout, '');
    await host.must('rm', '-r', DIRECTORY, '/etc/crashmon', '/etc/systemd/system/crashmon-agent.service');
    await host.must('systemctl', 'daemon-reload');
    const left = await host.must(
      'find',
      '/run',
      '/etc',
      '/var/lib',
      '/dev/shm',
      '-iname',
      '*crashmon*',
      '-not',
      '-empty',
    );
    assert.equal(left.replace(/^.*crashmon-test.*\n/gm, ''), '');
    assert.equal(await host.must('systemctl', 'show', '--value', '-p', 'DropInPaths', 'd-node'), '\n');
  });
});

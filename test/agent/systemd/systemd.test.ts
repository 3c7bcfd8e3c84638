import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CHECKOUT } from '../../support/crashmon.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { type SystemdHost, systemdHost } from '../../support/systemd-host/systemd-host.ts';

const ENTRY = path.join(CHECKOUT, 'crashmon');
const SERVER = path.join(CHECKOUT, 'test', 'fixtures', 'systemd', 'serves-on-inherited-socket.py');
const RUN = ['run', '--quiet', '--restart-delay', '0', '--name'];

let host: SystemdHost;
let state: Awaited<ReturnType<typeof stateDirectory>>;
before(async () => {
  state = await stateDirectory();
  host = await systemdHost({ shared: [CHECKOUT, state.path] });
});
after(async () => {
  await host?.[Symbol.asyncDispose]();
  await state?.[Symbol.asyncDispose]();
});

type Unit = { prefix?: readonly string[]; lines?: readonly string[] };

/** A service with a socket, as docs/operations.md has it. */
async function install(name: string, { prefix = [], lines = [] }: Unit): Promise<void> {
  await host.units({
    [`${name}.socket`]: `[Socket]\nListenStream=/run/${name}.sock\nFileDescriptorName=web\n`,
    [`${name}.service`]: [
      '[Service]',
      'Type=notify',
      `Environment=CRASHMON_STATE_DIR=${state.path}`,
      // The same Node as outside.
      `Environment=PATH=${CHECKOUT}/node_modules/.bin:/usr/local/bin:/usr/bin:/bin`,
      `ExecStart=${[...prefix, '/usr/bin/python3', SERVER].join(' ')}`,
      ...lines,
      '',
    ].join('\n'),
  });
  await host.must('systemctl', 'start', `${name}.socket`);
}

const under = (name: string, ...options: string[]) => [ENTRY, ...RUN, name, ...options, '--'];

/** Asks a service by its socket; systemd starts it where it does not run. */
async function ask(name: string, what: string): Promise<Record<string, unknown>> {
  const script = `
import socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.settimeout(20)
sock.connect(sys.argv[1])
sock.sendall(sys.argv[2].encode())
print(sock.makefile().readline())`;
  return JSON.parse(await host.must('python3', '-c', script, `/run/${name}.sock`, what));
}

const DOCUMENTED = ['NotifyAccess=all', 'WatchdogSec=20', 'KillMode=mixed'];

describe('a worker of a systemd unit', () => {
  for (const [mode, options] of [
    ['unarmed', []],
    ['armed', ['--arm-after', '0', '--cooldown', '0']],
    // As where only ancestors may trace.
    ['debugged', ['--arm-after', '0', '--cooldown', '0']],
  ] as const) {
    test(`${mode}, has its sockets, notifications and watchdog as without crashmon, after a crash too`, async () => {
      const bare = `bare-${mode}`;
      await install(bare, { lines: DOCUMENTED });
      const given = await ask(bare, 'report');
      assert.deepEqual(
        { ...given, ignored: null, files: null },
        {
          listens: true,
          sockets: '1',
          names: 'web',
          watchdog: true,
          'started by systemd': true,
          descriptors: [0, 1, 2, 3],
          ignored: null,
          files: null,
        },
      );
      const lines = [...DOCUMENTED, ...(mode === 'debugged' ? ['Environment=CRASHMON_DEBUGGER=parent'] : [])];
      await install(mode, { prefix: under(mode, ...options), lines });
      assert.deepEqual(await ask(mode, 'crash'), given);
      assert.deepEqual(await ask(mode, 'crash'), given);
      assert.deepEqual(await ask(mode, 'report'), given);
      assert.equal(await host.property(mode, 'StatusText'), 'serving');
      assert.equal(await host.property(mode, 'ActiveState'), 'active');
      assert.equal(await host.property(mode, 'NRestarts'), '0');
      await host.must('systemctl', 'stop', mode, `${mode}.socket`);
      assert.equal(await host.property(mode, 'Result'), 'success');
    });
  }

  test('that hangs is ended by the watchdog, and that is a crash', async () => {
    const lines = [
      'NotifyAccess=all',
      'WatchdogSec=1',
      'KillMode=mixed',
      'Restart=on-failure',
      'RestartSec=0',
    ];
    await install('hangs', { prefix: under('hangs'), lines });
    await ask('hangs', 'hang');
    await host.journalLine('hangs', /Watchdog timeout/);
    // By systemd; the socket waits meanwhile.
    await ask('hangs', 'report');
    assert.equal(await host.property('hangs', 'NRestarts'), '1');
    const path = `PATH=${CHECKOUT}/node_modules/.bin:/usr/bin:/bin`;
    const crashes = await host.must(
      'env',
      path,
      ENTRY,
      'crashes',
      '--json',
      '--state-dir',
      state.path,
      'hangs',
    );
    const [crash] = JSON.parse(crashes);
    assert.deepEqual(crash.exit, { code: null, signal: 'SIGABRT' });
    assert.equal(crash.counted, true);
    assert.equal(crash.reasonCode, 'watchdog-abort');
    await host.must('systemctl', 'stop', 'hangs', 'hangs.socket');
  });

  test('is not missed by the watchdog while crashmon waits before its restart', async () => {
    const lines = [...DOCUMENTED.filter((line) => !line.startsWith('Watchdog')), 'WatchdogSec=1'];
    await install('waits', { prefix: under('waits', '--restart-delay', '2500ms'), lines });
    await ask('waits', 'crash');
    // The socket waits meanwhile.
    await ask('waits', 'report');
    assert.doesNotMatch(await host.journal('waits'), /Watchdog timeout/);
    assert.equal(await host.property('waits', 'NRestarts'), '0');
    assert.equal(await host.property('waits', 'ActiveState'), 'active');
    await host.must('systemctl', 'stop', 'waits', 'waits.socket');
  });

  test('whose notifications are ignored is named at the start and by doctor, with the line to add', async () => {
    await install('deaf', { prefix: under('deaf'), lines: ['TimeoutStartSec=60'] });
    await host.must('systemctl', 'start', '--no-block', 'deaf');
    await host.journalLine(
      'deaf',
      /deaf\.service has NotifyAccess=main.*Add NotifyAccess=all to its \[Service\] section/,
    );
    const path = `PATH=${CHECKOUT}/node_modules/.bin:/usr/bin:/bin`;
    const { stdout } = await host.run('env', path, ENTRY, 'doctor', '--state-dir', state.path);
    assert.match(stdout, /! .*worker of deaf\.service \(NotifyAccess=main\).*\n +Add NotifyAccess=all/);
    await host.run('systemctl', 'stop', 'deaf', 'deaf.socket');
    await install('heard', { prefix: under('heard'), lines: ['NotifyAccess=all'] });
    await host.must('systemctl', 'start', 'heard');
    assert.doesNotMatch(await host.journal('heard'), /ignores notifications/);
    await host.must('systemctl', 'stop', 'heard', 'heard.socket');
  });
});

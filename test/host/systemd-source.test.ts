import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { CHECKOUT } from '../support/crashmon.ts';
import { type SystemdHost, systemdHost } from '../support/systemd-host/systemd-host.ts';

const REPORTER = path.join(CHECKOUT, 'test/support/host/report-services.ts');
const NODE = path.join(CHECKOUT, 'node_modules/.bin/node');

const MANY = Array.from({ length: 60 }, (_, index) => index);

type Report = { event: string; name: string; key: string; [field: string]: unknown };

let host: SystemdHost;
before(async () => {
  host = await systemdHost({ shared: [CHECKOUT] });
  await host.units({
    'reporter.service': `[Service]\nExecStart=${NODE} ${REPORTER} /var/lib/reporter/state.json\n`,
  });
  await host.must('systemctl', 'start', 'reporter');
  await host.journalLine('reporter', /"begun"/);
});
after(async () => {
  await host?.[Symbol.asyncDispose]();
});

/** All of a service, of all reporters. */
async function reports(name: string, event: string): Promise<Report[]> {
  const lines = (await host.journal('reporter')).split('\n').filter((line) => line.startsWith('{'));
  const all = lines.map((line) => JSON.parse(line) as Report);
  return all.filter((report) => report.name === name && report.event === event);
}

/** Settles once there are so many different exits of it. */
async function exits(name: string, count: number): Promise<Report[]> {
  await host.journalLine('reporter', new RegExp(`(?:"exited","name":"${name}"[^]*){${count}}`));
  const found = new Map((await reports(name, 'exited')).map((report) => [report.key, report]));
  return [...found.values()];
}

/** What each run of a crash loop wrote: its invocation. */
async function written(): Promise<string[]> {
  const ids = await host.must('sh', '-c', 'journalctl --quiet -o cat -u loop _TRANSPORT=stdout');
  return ids.trim().split('\n');
}

async function reportedRuns(): Promise<Set<string | undefined>> {
  return new Set((await reports('loop', 'exited')).map(({ key }) => key.split('/')[1]));
}

const service = (command: string, ...lines: string[]) =>
  ['[Service]', `ExecStart=${command}`, ...lines, ''].join('\n');
const sh = (script: string) => `/bin/sh -c '${script}'`;

describe('the source of systemd', () => {
  test('reports exits with their status, their reason and their last words', async () => {
    const units = {
      'code.service': service(sh('echo oh no >&2; exit 3')),
      'segv.service': service(sh('echo bad pointer; kill -SEGV $$$$')),
      'accepted.service': service(sh('exit 3'), 'SuccessExitStatus=3'),
      'nothing.service': service('/no/such/program'),
      'shop@.service': service(sh('echo replica %i >&2; exit 5')),
      'hangs.service': service('/bin/sleep 600', 'WatchdogSec=200ms', 'NotifyAccess=all'),
      'limited.service': service('/bin/sleep 600', 'RuntimeMaxSec=200ms'),
      'strict.service': service(
        sh('echo in the box >&2; exit 6'),
        ...[
          'DynamicUser=yes',
          'ProtectSystem=strict',
          'PrivateNetwork=yes',
          'SystemCallFilter=@system-service',
        ],
      ),
      'hushed.service': service(sh('echo quietly >&2; exit 7'), 'LogLevelMax=err'),
    };
    await host.units(units);
    const names = Object.keys(units).map((unit) => unit.replace('@.', '@2.'));
    await host.must('systemctl', 'start', '--no-block', ...names);
    const seen = async (name: string) => {
      const [report, ...more] = await exits(name, 1);
      assert.deepEqual(more, []);
      return [report?.status, report?.because, report?.text];
    };
    assert.deepEqual(await seen('code'), [3, null, 'oh no\n']);
    assert.deepEqual(await seen('segv'), ['SIGSEGV', null, 'bad pointer\n']);
    assert.deepEqual(await seen('accepted'), [3, 'success', null]);
    assert.deepEqual((await seen('nothing')).slice(0, 2), [203, 'cannot-start']);
    assert.deepEqual(await seen('shop'), [5, null, 'replica 2\n']);
    assert.deepEqual((await seen('hangs')).slice(0, 2), ['SIGABRT', 'watchdog']);
    assert.deepEqual((await seen('limited')).slice(0, 2), ['SIGTERM', 'timeout']);
    assert.deepEqual(await seen('strict'), [6, null, 'in the box\n']);
    // journald can take the first lines before it learns of LogLevelMax.
    const [code, because, text] = await seen('hushed');
    assert.deepEqual([code, because], [7, null]);
    assert.ok(text === null || text === 'quietly\n', String(text));
  });

  test('a stop, a restart and a reload are asked, or no exit', async () => {
    const loop = 'trap "exit 4" TERM; while :; do sleep 0.05; done';
    await host.units({ 'calm.service': service(sh(loop), 'ExecReload=/bin/true') });
    await host.must('systemctl', 'start', 'calm');
    await host.must('systemctl', 'reload', 'calm');
    await host.must('systemctl', 'restart', 'calm');
    await exits('calm', 1);
    await host.must('systemctl', 'stop', 'calm');
    const found = await exits('calm', 2);
    assert.deepEqual(
      found.map(({ asked }) => asked),
      [true, true],
    );
  });

  test('a unit that runs is not gone while systemd reads its units again', async () => {
    await host.units({
      'steady.service': service('/bin/sleep 600'),
      'brief.service': service('/bin/sleep 600'),
    });
    await host.must('systemctl', 'start', 'steady', 'brief');
    await host.must('systemctl', 'daemon-reload');
    await host.must('systemctl', 'stop', 'brief');
    await host.journalLine('reporter', /"gone","name":"brief"/);
    assert.deepEqual(await reports('steady', 'gone'), []);
    await host.must('systemctl', 'kill', '--signal=SEGV', 'steady');
    assert.equal((await exits('steady', 1))[0]?.status, 'SIGSEGV');
  });

  test('no exit is lost and none comes twice, while reporter and journald are killed', async () => {
    await host.units({
      'loop.service': service(
        sh('echo $$INVOCATION_ID >&2; exit 3'),
        ...['Restart=always', 'RestartSec=30ms', '[Unit]', 'StartLimitIntervalSec=0'],
      ),
    });
    await host.must('systemctl', 'start', 'loop');
    await exits('loop', 5);
    /** What ran so far is reported: the next kill must not meet what only D-Bus knows. */
    const reported = async () => {
      const before = await written();
      for (;;) {
        const known = await reportedRuns();
        if (before.every((id) => known.has(id))) return;
        await delay(100);
      }
    };
    let begun = 1;
    for (const victim of ['reporter', 'systemd-journald', 'reporter']) {
      await reported();
      await host.must('systemctl', 'kill', '--signal=KILL', victim);
      const restarts = Number(await host.property('loop', 'NRestarts'));
      await host.run(
        'timeout',
        '10',
        'sh',
        '-c',
        `until [ $(systemctl show --value -p NRestarts loop) -gt ${restarts + 10} ]; do sleep 0.05; done`,
      );
      if (victim !== 'reporter') continue;
      await host.must('systemctl', 'start', 'reporter');
      await host.journalLine('reporter', new RegExp(`(?:"begun"[^]*){${++begun}}`));
    }
    await host.must('systemctl', 'stop', 'loop');
    await host.must('systemctl', 'restart', 'reporter');
    await host.journalLine('reporter', new RegExp(`(?:"begun"[^]*){${begun + 1}}`));
    // Ends after what it is reading.
    await host.must('systemctl', 'stop', 'reporter');
    const all = await written();
    const known = await reportedRuns();
    assert.ok(all.length > 30, String(all.length));
    assert.deepEqual(
      all.filter((id) => !known.has(id)),
      [],
    );
    assert.deepEqual(await reports('loop', 'missed'), []);
  });

  test('a host of many services is read without more calls at once than its bus allows', async () => {
    await host.units({
      'many@.service': service('/bin/sleep 600'),
      'many.target': `[Unit]\nWants=${MANY.map((number) => `many@${number}.service`).join(' ')}\n`,
      'crowded.service': `[Service]\nExecStart=${NODE} ${REPORTER} /var/lib/crowded/state.json\n`,
    });
    await host.must('systemctl', 'start', 'many.target');
    await host.must('systemctl', 'start', 'crowded');
    await host.journalLine('crowded', /"begun"/);
    const lines = await host.journal('crowded');
    assert.doesNotMatch(lines, /"problem"/);
    assert.equal(lines.match(/"started","name":"many"/g)?.length, MANY.length);
  });
});

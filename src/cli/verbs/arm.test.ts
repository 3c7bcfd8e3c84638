import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runVerb } from '../../../test/support/cli/run-verb.ts';
import { sampleState, withJournal } from '../../../test/support/cli/sample-state.ts';
import { temporaryDirectory } from '../../../test/support/journal/temporary-directory.ts';
import { writeHostStatus } from '../../host/host-status.ts';
import { takeRequests } from '../../journal/requests.ts';

test('arm takes effect at the next start, and says that the current worker is not armed', () => {
  using stateDir = temporaryDirectory();
  const { api } = sampleState(stateDir.path);
  const { stdout } = runVerb(stateDir.path, ['arm', 'api']);
  assert.equal(
    stdout,
    'api on web-2 is armed: manually; the next crash after a restart will be\n' +
      'captured. The current worker (pid 4242) is not armed. To restart it:\n' +
      'crashmon arm api --restart\n',
  );
  assert.deepEqual(takeRequests(api), ['override']);
  assert.equal(JSON.parse(runVerb(stateDir.path, ['status', 'api', '--json']).stdout).apps[0].state, 'armed');
});

test('arm --restart asks the running agent, and none where none is running', () => {
  using stateDir = temporaryDirectory();
  const { api, shop } = sampleState(stateDir.path);
  assert.match(
    runVerb(stateDir.path, ['arm', 'api', '--restart']).stdout,
    /Its\sworker\sis\srestarting\.\n$/,
  );
  assert.deepEqual(takeRequests(api), ['restart', 'override']);
  assert.match(
    runVerb(stateDir.path, ['arm', 'shop', '--restart']).stdout,
    /crashmon\sis\snot\srunning\sfor\sit/,
  );
  assert.deepEqual(takeRequests(shop), []);
});

test('disarm holds until arm or arm --auto takes it back', () => {
  using stateDir = temporaryDirectory();
  sampleState(stateDir.path);
  const { stdout } = runVerb(stateDir.path, ['disarm', 'shop', '--json']);
  assert.deepEqual(JSON.parse(stdout), {
    apps: [{ app: 'shop', instance: 'web-1', state: 'disabled', manual: 'disarmed', restarting: false }],
  });
  assert.match(runVerb(stateDir.path, ['status', 'shop']).stdout, /disabled\n.*disarmed manually/);
  assert.match(runVerb(stateDir.path, ['arm', 'shop', '--auto']).stdout, /is cooling-down/);
  assert.equal(runVerb(stateDir.path, ['arm', 'shop', '--auto', '--restart']).error?.code, 'BAD_OPTION');
});

test('all instances of an app are meant unless one is named', () => {
  using stateDir = temporaryDirectory();
  for (const instance of ['web-1', 'web-2']) withJournal(stateDir.path, 'shop', instance, () => {});
  assert.equal(runVerb(stateDir.path, ['disarm', 'shop']).stdout.split('\n').length, 5);
  runVerb(stateDir.path, ['arm', 'shop', '--instance', 'web-2']);
  const { apps } = JSON.parse(runVerb(stateDir.path, ['status', '--json']).stdout);
  assert.deepEqual(
    apps.map(({ state }: { state: string }) => state),
    ['disabled', 'armed'],
  );
});

test('an app that crashmon agent watched, and that has not crashed, is known', () => {
  using stateDir = temporaryDirectory();
  const service = { id: 'process:api', name: 'api', app: 'api', source: 'process', unit: null };
  const services = [{ ...service, isWatched: true, why: 'watched: --all', running: null }];
  writeHostStatus(stateDir.path, { pid: process.pid, startTicks: 1, services });
  const { error } = runVerb(stateDir.path, ['arm', 'api']);
  assert.equal(error?.message, 'api has no crash so far, and crashmon agent does not run: start it first.');
  assert.match(
    runVerb(stateDir.path, ['arm', 'shop']).error?.message ?? '',
    /^No app named shop; apps: api\.$/,
  );
  assert.match(runVerb(stateDir.path, ['status', 'api']).stdout, /^crashmon agent is not running/);
  for (const verb of ['crashes', 'logs'])
    assert.match(
      runVerb(stateDir.path, [verb, 'api']).stdout,
      /^No crash so far, and crashmon agent does not run\.\n$/,
      verb,
    );
  assert.match(
    runVerb(stateDir.path, ['show', '--app', 'api']).error?.message ?? '',
    /^No crash has a call stack yet\. /,
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runVerb } from '../../../test/support/cli/run-verb.ts';
import { sampleState, withJournal } from '../../../test/support/cli/sample-state.ts';
import { temporaryDirectory } from '../../../test/support/journal/temporary-directory.ts';
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
  assert.deepEqual(takeRequests(api), []);
  assert.equal(JSON.parse(runVerb(stateDir.path, ['status', 'api', '--json']).stdout).apps[0].state, 'armed');
});

test('arm --restart asks the running agent, and none where none is running', () => {
  using stateDir = temporaryDirectory();
  const { api, shop } = sampleState(stateDir.path);
  assert.match(
    runVerb(stateDir.path, ['arm', 'api', '--restart']).stdout,
    /Its\sworker\sis\srestarting\.\n$/,
  );
  assert.deepEqual(takeRequests(api), ['restart']);
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

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CHECKOUT } from '../support/crashmon.ts';
import { type AgentOfHost, agentOfHost } from '../support/host/agent-of-host.ts';
import { type SystemdHost, systemdHost } from '../support/systemd-host/systemd-host.ts';

const APPS = '/srv/apps';
const NODE = path.join(CHECKOUT, 'node_modules/.bin/node');
/** What only the probe sees: a value that is no Error, thrown where no call is on the stack when the process ends. */
const APP = `
const environment = () => JSON.stringify([process.env.NODE_OPTIONS ?? null, process.env.CRASHMON_PROBE_FIFO ?? null]);
require('node:child_process').execFile('/bin/sh', ['-c', 'echo child $NODE_OPTIONS $CRASHMON_PROBE_FIFO'], (_, text) => {
  console.log('own ' + environment(), text.trim());
  process.on('uncaughtException', () => setTimeout(() => process.exit(1), 20));
  setTimeout(function later() { throw { code: 'EPLAIN' }; }, 100);
});
`;
const DROP_IN = '/run/systemd/system/service.d/90-crashmon.conf';

let host: SystemdHost;
let agent: AgentOfHost;
before(async () => {
  host = await systemdHost({ shared: [CHECKOUT] });
  agent = agentOfHost(host);
  await host.must('mkdir', '-p', APPS);
  await host.must('sh', '-c', 'printf %s "$2" >"$1"', 'sh', `${APPS}/server.js`, APP);
});
after(async () => {
  await host?.[Symbol.asyncDispose]();
});

const unit = (command: string, ...lines: string[]) =>
  ['[Service]', `ExecStart=${command}`, `WorkingDirectory=${APPS}`, ...lines, ''].join('\n');
const ROOT = `BindReadOnlyPaths=/usr /bin /lib /lib64 ${CHECKOUT} ${APPS}`;
const STRICT = [
  ...['DynamicUser=yes', 'ProtectSystem=strict', 'ProtectHome=yes', 'PrivateTmp=yes', 'PrivateUsers=yes'],
  ...['ProtectProc=invisible', 'SystemCallFilter=@system-service', 'RestrictAddressFamilies=none'],
  ...['CapabilityBoundingSet=', 'NoNewPrivileges=yes'],
];

/** What is read at the exit of such a process is the call of process.exit. */
const BY_PROBE = 'uncaught-exception';
const BY_EXIT_WATCH = 'process-exit';
const PROBED = ['plain', 'strict'];

const MOST_RUNS = 15;

/** Why the runs ended that were captured, of at least so many. */
async function captured(name: string, runs: number): Promise<string[]> {
  const ended = await agent.untilEvents(name, 'ended', runs);
  return ended
    .filter((event) => event.captured)
    .map(({ verdict }) => (verdict as { reasonCode: string }).reasonCode);
}

describe('services that systemd restarts with the probe', () => {
  test('in a sandbox too; what it cannot be given to is left to the exit watch', async () => {
    const crash = `${NODE} server.js`;
    await host.must('mkdir', '-p', '/etc/crashmon', '/srv/root');
    await host.must(
      'sh',
      '-c',
      'printf "drop-in = true\\narm-after = 1\\ncooldown = \\"1s\\"\\n[apps.off]\\ndrop-in = false\\n[apps.limits]\\narm-after = 3\\n" >/etc/crashmon/agent.toml',
    );
    // A busy machine can be too slow for 100 ms.
    const restart = ['Restart=on-failure', 'RestartSec=4s'];
    const units = {
      'plain@.service': unit(crash, ...restart, 'Environment=NODE_OPTIONS=--no-deprecation'),
      'strict.service': unit(crash, ...restart, ...STRICT),
      'off.service': unit(crash, ...restart),
      'unset.service': unit(crash, ...restart, 'UnsetEnvironment=NODE_OPTIONS'),
      'env.service': unit(`/usr/bin/env -i ${crash}`, ...restart),
      'own.service': unit(`/bin/sh -c "NODE_OPTIONS=--no-warnings exec ${crash}"`, ...restart),
      'rooted.service': unit(crash, ...restart, 'RootDirectory=/srv/root', 'MountAPIVFS=yes', ROOT),
    };
    await host.units(units);
    await agent.start('--all', '--exclude', 'systemd-*');
    // Nothing is there before it is needed.
    assert.equal(await host.property('strict', 'DropInPaths'), '');
    const names = Object.keys(units).map((name) => name.replace('@', '@1'));
    await host.must('systemctl', 'start', '--no-block', ...names);
    const one = async (unit: string) => {
      const name = unit.replace(/[@.].*/, '');
      if (PROBED.includes(name)) {
        // A busy machine does not always write the environment before the start; then the exit watch captures.
        for (let runs = 3; !(await captured(name, runs)).includes(BY_PROBE); runs += 1)
          assert.ok(runs < MOST_RUNS);
      } else {
        // Nor is it always fast enough for the exit watch: a process is not held for long.
        const reasons = await captured(name, 4);
        assert.ok(
          reasons.every((reason) => reason === BY_EXIT_WATCH),
          `${name}: ${reasons}`,
        );
      }
      await host.must('systemctl', 'stop', unit);
    };
    await Promise.all(names.map(one));
    assert.equal(await host.property('strict', 'DropInPaths'), DROP_IN);
  });

  test('with the limits of systemd the one armed start is used', async () => {
    await host.units({ 'limits.service': unit(`${NODE} server.js`, 'Restart=always') });
    for (let runs = 5; ; runs += 1) {
      await host.must('systemctl', 'start', 'limits');
      if ((await captured('limits', runs)).length > 0) return;
      // The machine was too slow. What is started manually is not given the probe, and is watched.
      assert.ok(runs < 15);
      await host.must('systemctl', 'reset-failed', 'limits');
    }
  });

  test('neither the app nor its children see the probe, and NODE_OPTIONS of the unit stay', async () => {
    const written = async (name: string) => {
      const lines = (await host.journal(name)).split('\n').filter((line) => line.startsWith('own '));
      return new Set(lines);
    };
    assert.deepEqual(
      await written('plain@1'),
      new Set(['own ["--no-deprecation",null] child --no-deprecation']),
    );
    assert.deepEqual(await written('strict'), new Set(['own [null,null] child']));
  });

  test('kill -9 leaves nothing that a start reads, and the end of the agent leaves nothing at all', async () => {
    await agent.killAndRestart();
    assert.deepEqual((await host.must('ls', '/run/crashmon')).trim(), '');
    await agent.stop();
    assert.equal((await host.run('ls', '/run/crashmon')).stdout, '');
    assert.equal((await host.run('ls', path.dirname(DROP_IN))).stdout, '');
    assert.equal(await host.property('strict', 'NeedDaemonReload'), 'no');
    assert.equal(await host.property('strict', 'DropInPaths'), '');
    assert.deepEqual(await agent.events(null, 'problem'), []);
  });
});

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fingerprint } from '../../src/formats/fingerprint.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { type AgentOfHost, agentOfHost, type RecordedExit } from '../support/host/agent-of-host.ts';
import { type SystemdHost, systemdHost } from '../support/systemd-host/systemd-host.ts';

const NODE = path.join(CHECKOUT, 'node_modules/.bin/node');
const USERS = ['ann', 'bob'];

let host: SystemdHost;
let agent: AgentOfHost;
before(async () => {
  host = await systemdHost({ shared: [CHECKOUT] });
  agent = agentOfHost(host);
  for (const user of USERS) await host.must('useradd', '--create-home', user);
});
after(async () => {
  await host?.[Symbol.asyncDispose]();
});

/** `systemctl --user` of a user. */
async function systemctl(user: string, ...args: string[]): Promise<string> {
  const script = 'XDG_RUNTIME_DIR=/run/user/$(id -u) exec systemctl --user "$@"';
  const as = ['--reuid', user, '--regid', user, '--init-groups'];
  return host.must('setpriv', ...as, 'sh', '-c', script, 'sh', ...args);
}

async function unit(user: string, name: string, ...lines: string[]): Promise<void> {
  const folder = `/home/${user}/.config/systemd/user`;
  await host.must('mkdir', '-p', folder);
  await host.must('sh', '-c', 'printf %s "$2" >"$1"', 'sh', `${folder}/${name}.service`, lines.join('\n'));
}

/** IDs of the runs that systemd logged as failed, for a user. */
async function failed(user: string): Promise<string[]> {
  const uid = (await host.must('id', '-u', user)).trim();
  const match = ['USER_UNIT=shop.service', `_UID=${uid}`, 'MESSAGE_ID=98e322203f7a4ed290d09fe03c09fe15'];
  const lines = (await host.must('journalctl', '--quiet', '-o', 'json', ...match)).trim().split('\n');
  return lines.map((line) => {
    const { _BOOT_ID: boot, USER_INVOCATION_ID: id } = JSON.parse(line) as Record<string, string>;
    return fingerprint(`${boot}/${id}`).slice(0, 12);
  });
}

const idsOf = (exits: readonly RecordedExit[]) => exits.map(({ id }) => id).sort();

describe('services of users', () => {
  test('two users have the same unit: their crashes are kept apart, each once, over kill -9 of the agent', async () => {
    for (const user of USERS) {
      const words = `ExecStart=/bin/sh -c "echo of ${user} >&2; sleep 0.2; exit 3"`;
      await unit(user, 'shop', '[Service]', words, 'Restart=always', 'RestartSec=100ms', '');
      await unit(user, 'calm', '[Service]', 'ExecStart=/bin/sleep 600', '');
      await unit(user, 'waits', '[Service]', `ExecStart=${NODE} -e "setInterval(() => {}, 60000)"`, '');
    }
    await host.must('loginctl', 'enable-linger', 'ann');
    await host.until('systemctl is-active --quiet user@$(id -u ann)');
    await systemctl('ann', 'start', 'calm', 'waits');
    await agent.start('--all', '--arm-after', '0');
    // It ran before, and its user's manager is another one than the host's.
    await agent.untilEvents('calm', 'started', 1);
    await agent.untilEvents('waits', 'armed', 1);
    // This user comes later.
    await host.must('loginctl', 'enable-linger', 'bob');
    await host.until('systemctl is-active --quiet user@$(id -u bob)');
    await systemctl('ann', 'start', 'shop');
    await agent.untilEvents('shop', 'ended', 2);
    const watching = (await agent.events(null, 'watching')).length;
    await host.must('systemctl', 'kill', '--signal=KILL', 'crashmon-agent');
    await systemctl('bob', 'start', 'shop');
    await agent.untilEvents(null, 'watching', watching + 1);
    await systemctl('ann', 'stop', 'calm');
    const [stopped] = await agent.untilEvents('calm', 'ended', 1);
    assert.equal((stopped?.verdict as { reasonCode?: string } | undefined)?.reasonCode, 'stop-requested');
    const expected = [...(await untilFailed('ann')), ...(await untilFailed('bob'))];
    const recorded = await agent.untilRecorded(expected, 'shop');
    assert.deepEqual(idsOf(recorded), expected.toSorted());
    const status = await agent.crashmon('status');
    assert.match(status, /shop on \S+:/);
    assert.match(status, /shop on \S+~2:/);
    for (const user of USERS) {
      const ids = new Set(await failed(user));
      const own = recorded.filter(({ id }) => ids.has(id));
      assert.equal(own.length, 5);
      assert.ok(own.every(({ counted }) => counted));
    }
    assert.deepEqual(await agent.events(null, 'problem'), []);
    // More than journalctl shows of itself, and nothing after it.
    await agent.stop();
    await systemctl('ann', 'reset-failed', 'shop');
    await systemctl('ann', 'start', 'shop');
    const meanwhile = [...(await untilFailed('ann')), ...(await failed('bob'))];
    assert.ok(meanwhile.length > expected.length);
    await agent.start('--all', '--arm-after', '0');
    assert.deepEqual(idsOf(await agent.untilRecorded(meanwhile, 'shop')), meanwhile.toSorted());
  });
});

async function untilFailed(user: string): Promise<string[]> {
  const script =
    'XDG_RUNTIME_DIR=/run/user/$(id -u) sh -c "until systemctl --user is-failed --quiet shop; do sleep 0.3; done"';
  await host.must('setpriv', '--reuid', user, '--regid', user, '--init-groups', 'sh', '-c', script);
  return failed(user);
}

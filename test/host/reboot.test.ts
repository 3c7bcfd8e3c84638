import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { CHECKOUT } from '../support/crashmon.ts';
import { agentOfHost, agentUnit } from '../support/host/agent-of-host.ts';
import {
  type HostDisk,
  hostDisk,
  type SystemdHost,
  systemdHost,
} from '../support/systemd-host/systemd-host.ts';

const LEFT = '/var/lib/shop-left';
/** Crashes as often as LEFT says. */
const SHOP = `[Unit]
StartLimitIntervalSec=0
[Service]
Restart=always
RestartSec=50ms
ExecStart=/bin/sh -c 'n=$(cat ${LEFT}); [ "$n" -gt 0 ] || exec sleep infinity; echo "last words" >&2; echo $((n - 1)) >${LEFT}; exit 3'
`;
/** It has read how often it crashes: a kill before that would be one of its crashes. */
const READS_NO_MORE = 'grep -q sleep "/proc/$(systemctl show --value -p MainPID shop)/comm"';
/** In its sandbox the agent has another /proc, with the boot ID of this machine. */
const SEES_BOOT_ID = '[Service]\nBindReadOnlyPaths=/proc/sys/kernel/random/boot_id\n';
const STATE = '/var/lib/crashmon-test/host/systemd.json';

type Shop = AsyncDisposable & {
  host: SystemdHost;
  /** Returns once it watches all that runs: not by its journal, which has that of earlier boots, too. */
  startAgent(): Promise<void>;
  stopAgent(): Promise<void>;
  /** A kill, and so many crashes after it. Returns once it runs. */
  crash(times: number): Promise<void>;
  /** Once there are so many: the crashes that were recorded, each once, and the number of those that are only counted. */
  recorded(recorded: number, missed: number): Promise<void>;
};

async function boot(disk: HostDisk): Promise<Shop> {
  const host = await systemdHost({ shared: [CHECKOUT], disk });
  const agent = agentOfHost(host);
  await host.must('mkdir', '-p', '/etc/systemd/system/crashmon-agent.service.d');
  await host.units({ 'shop.service': SHOP, 'crashmon-agent.service.d/boot-id.conf': SEES_BOOT_ID });
  await host.must('sh', '-c', `echo 0 >${LEFT}`);
  await host.must('systemctl', 'start', 'shop');
  await host.until(READS_NO_MORE);
  const found = async () => {
    const { apps } = JSON.parse(await agent.crashmon('status', '--json')) as {
      apps: { app: string; service: { missed: number } }[];
    };
    const crashes = JSON.parse(await agent.crashmon('crashes', '--app', 'shop', '--json')) as {
      id: string;
    }[];
    const missed = apps.find(({ app }) => app === 'shop')?.service.missed ?? 0;
    return { recorded: new Set(crashes.map(({ id }) => id)).size, all: crashes.length, missed };
  };
  return {
    host,
    async startAgent() {
      await host.units({ 'crashmon-agent.service': await agentUnit(host, ['--include', 'shop']) });
      await host.must('systemctl', 'start', 'crashmon-agent');
    },
    stopAgent: () => agent.stop(),
    async crash(times) {
      const before = Number(await host.property('shop', 'NRestarts'));
      await host.must('sh', '-c', `echo ${times} >${LEFT}; systemctl kill --signal=SEGV shop`);
      const runs = `[ "$(systemctl show --value -p NRestarts shop)" -ge ${before + times + 1} ]`;
      await host.until(`${runs} && ${READS_NO_MORE}`);
    },
    async recorded(recorded, missed) {
      for (let now = await found(); ; now = await found()) {
        assert.ok(
          now.recorded <= recorded && now.missed <= missed,
          JSON.stringify({ now, recorded, missed }),
        );
        assert.equal(now.all, now.recorded);
        if (now.recorded === recorded && now.missed === missed) return;
        await delay(500);
      }
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}

test('crashes of before and after a reboot, while the agent was away, are recorded once', async () => {
  await using disk = await hostDisk();
  const bootIds: string[] = [];
  const bootId = async ({ host }: Shop) => host.must('cat', '/proc/sys/kernel/random/boot_id');
  {
    await using shop = await boot(disk);
    bootIds.push(await bootId(shop));
    await shop.startAgent();
    await shop.crash(2);
    await shop.recorded(3, 0);
    await shop.stopAgent();
    await shop.crash(1);
    await shop.host.must('journalctl', '--sync');
  }
  await using shop = await boot(disk);
  bootIds.push(await bootId(shop));
  assert.notEqual(bootIds[0], bootIds[1]);
  await shop.crash(2);
  await shop.startAgent();
  await shop.recorded(3 + 2 + 3, 0);
  // What systemd counted before the reboot is no part of what it counts now.
  await shop.crash(1);
  await shop.recorded(3 + 2 + 3 + 2, 0);
});

test('where the journal is rotated, deleted or cannot be found, no crash comes twice, and what it lacks is a number', async (context: TestContext) => {
  await using disk = await hostDisk();
  await using shop = await boot(disk);
  const { host } = shop;
  await shop.startAgent();
  await shop.crash(1);
  await shop.recorded(2, 0);
  const total = { recorded: 2, missed: 0 };
  /** So many more. */
  const more = async (recorded: number, missed: number) => {
    total.recorded += recorded;
    total.missed += missed;
    await shop.recorded(total.recorded, total.missed);
  };
  await context.test('rotated while the agent runs', async () => {
    await host.must('journalctl', '--rotate');
    await shop.crash(1);
    await more(2, 0);
    await delay(1_100);
    await host.must('journalctl', '--rotate', '--vacuum-time=1s');
    await shop.crash(1);
    await more(2, 0);
  });
  await context.test('rotated while it is away', async () => {
    await shop.stopAgent();
    await shop.crash(1);
    await host.must('journalctl', '--rotate');
    await shop.crash(1);
    await shop.startAgent();
    await more(4, 0);
  });
  await context.test('its place is gone, and what came after it is there', async () => {
    await shop.stopAgent();
    await delay(1_100);
    await host.must('journalctl', '--rotate', '--vacuum-time=1s');
    await shop.crash(1);
    await shop.startAgent();
    await more(2, 0);
  });
  await context.test('deleted with what it had', async () => {
    await shop.stopAgent();
    await shop.crash(1);
    await host.must('sh', '-c', 'rm -rf /var/log/journal/*/*; systemctl kill --signal=KILL systemd-journald');
    await host.until('journalctl --quiet -n 1 | grep -q .');
    await shop.crash(1);
    await shop.startAgent();
    await more(2, 2);
  });
  await context.test('what names the place is damaged', async () => {
    await shop.stopAgent();
    await host.must('sed', '-i', 's/"cursor":"[^"]*"/"cursor":"s=nonsense"/', STATE);
    await shop.crash(0);
    await shop.startAgent();
    await more(0, 1);
    await shop.crash(1);
    await more(2, 0);
  });
});

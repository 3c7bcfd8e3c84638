import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type ChaosHost, chaosHost, type Mark } from '../support/host/chaos-host.ts';
import { rounds } from '../support/rounds.ts';
import { SEED, seededRandom } from '../support/seed.ts';

const ROUNDS = rounds(4);
const WATCHED = ['loop1', 'loop2', 'loop3', 'node1'];
const CONTROL = ['control1', 'control2', 'control3', 'node-control'];
const VICTIMS = ['agent', 'agent', 'helper', 'systemd-journald', 'dbus'] as const;

/** Longer than any worker is held, and shorter than any reason to hang. */
const HANGS_MS = 5_000;

/** A shell command that prints the process ID. */
function pidOf(victim: (typeof VICTIMS)[number]): string {
  if (victim !== 'helper') {
    const unit = victim === 'agent' ? 'crashmon-agent' : victim;
    return `systemctl show --value -p MainPID ${unit}`;
  }
  const members = '/sys/fs/cgroup/system.slice/crashmon-agent.service/cgroup.procs';
  return `for pid in $(cat ${members}); do grep -q ^watch- /proc/$pid/comm && echo $pid; done`;
}

async function disturb({ host }: ChaosHost, random: () => number): Promise<void> {
  const victim = VICTIMS[Math.floor(random() * VICTIMS.length)] ?? 'agent';
  const seconds = (0.1 + random() * 2).toFixed(2);
  const isKilled = random() < 0.6;
  const action = isKilled ? 'kill -9 $pid' : `kill -STOP $pid; sleep ${seconds}; kill -CONT $pid`;
  // What is starting has no process yet.
  await host.run('sh', '-c', `pid=$(${pidOf(victim)}); [ "$pid" -gt 0 ] || exit 0; ${action}`);
  await delay(random() * 1_500);
}

/** The longest time from a crash of a service to its next start. */
function slowestRestart(marks: readonly Mark[]): number {
  const gaps = marks.flatMap(({ what, atMs }, index) => {
    const before = marks[index - 1];
    return what === 'start' && before?.what === 'death' ? [atMs - before.atMs] : [];
  });
  return Math.max(0, ...gaps);
}

test(`every crash is counted once, whatever is killed or stopped meanwhile (seed ${SEED})`, async (context) => {
  await using chaos = await chaosHost(WATCHED, CONTROL);
  const random = seededRandom(SEED);
  for (let round = 0; round < ROUNDS; round++) await disturb(chaos, random);
  await chaos.calm();
  const slowest = async (names: readonly string[]) =>
    Math.max(...(await Promise.all(names.map(async (name) => slowestRestart(await chaos.marks(name))))));
  for (const name of WATCHED) {
    const marks = await chaos.marks(name);
    // Each that started has ended, but for the newest one.
    const starts = marks.filter(({ what }) => what === 'start').length;
    const expected = marks.filter(({ what }) => what === 'death').map((mark) => chaos.runId(mark));
    assert.equal(expected.length, starts, `${name}: a process hangs`);
    let found = await chaos.recorded(name);
    const logged = await chaos.logged(name);
    // What only systemd's count of restarts shows takes more than a minute to be certain.
    const isComplete = () =>
      logged.every((id) => found.ids.includes(id)) && found.ids.length + found.missed >= expected.length;
    for (let attempt = 0; !isComplete() && attempt < 150; attempt++) {
      await delay(1_000);
      found = await chaos.recorded(name);
    }
    const ids = found.ids.filter((id) => expected.includes(id));
    context.diagnostic(
      `${name}: ${expected.length} crashes, ${ids.length} recorded, ${found.missed} counted`,
    );
    assert.equal(new Set(ids).size, ids.length, `${name}: recorded twice`);
    // What systemd could not log while the agent was away is only a number.
    assert.equal(ids.length + found.missed, expected.length, `${name}: recorded and counted`);
    assert.deepEqual(
      logged.filter((id) => !ids.includes(id)),
      [],
      `${name}: lost`,
    );
  }
  const plain = await chaos.marks('plain');
  const processes = plain.map((mark) => chaos.processId(mark));
  const { ids } = await chaos.recorded('plain');
  context.diagnostic(`plain: ${new Set(processes).size} processes, ${ids.length} recorded`);
  assert.deepEqual(
    ids.filter((id) => !processes.includes(id)),
    [],
  );
  assert.equal(new Set(ids).size, ids.length);
  const reported = await chaos.reported();
  const twice = reported.filter((id, index) => reported.indexOf(id) !== index);
  context.diagnostic(`reported twice: ${twice.length} of ${reported.length}`);
  const [watched, control] = [await slowest(WATCHED), await slowest(CONTROL)];
  context.diagnostic(`slowest restart: ${watched.toFixed(0)} ms, unwatched ${control.toFixed(0)} ms`);
  assert.ok(watched < control + HANGS_MS, 'a restart was delayed');
  // Reports are made one after the other; a capture whose exit was lost with its agent is deleted in two minutes.
  const left = () =>
    chaos.host.must('find', '/var/lib/crashmon-test', '-path', '*/raw/*', '-o', '-name', '*.new');
  for (let attempt = 0; (await left()) !== '' && attempt < 1_000; attempt++) await delay(200);
  await chaos.host.must('systemctl', 'stop', 'crashmon-agent');
  assert.equal(await left(), '');
  assert.equal((await chaos.host.run('pgrep', '^watch-')).stdout, '');
});

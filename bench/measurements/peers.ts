import { setTimeout as delay } from 'node:timers/promises';
import { type Member, openChannel } from '../processes/channel.ts';
import { makeWorkspace } from '../processes/workspace.ts';
import type { Finding, Measurement } from '../report/finding.ts';
import { noiseOf, quartiles, shuffled, spreadOf } from '../report/statistics.ts';
import { type DeathPeer, PEER_NAMES, type PeerName, startPeer } from '../subjects/death-peers.ts';
import { installPeers } from '../subjects/installed-peers.ts';
import { lacksSpaceFor } from '../subjects/kernel-core.ts';

const SIZES = {
  smoke: { 10: 1 },
  quick: { 100: 3, 1000: 2 },
  full: { 10: 5, 100: 5, 1000: 4, 4000: 2 },
} as const;
const SETTLE_MS = 500;
/** A core of 4 GB. */
const WRITTEN_MS = 180_000;

type Runner = { name: PeerName; peer: DeathPeer; worker: Member };

export const peers: Measurement = {
  name: 'peers',
  about:
    'What each way to learn why a Node.js worker died adds, by memory of the worker: from the line before the exception to the first line of the next worker, minus the same under a supervisor that only restarts',
  async *measure({ scale, progress }) {
    await installPeers();
    await using workspace = await makeWorkspace();
    await using channel = await openChannel(workspace.path);
    await using stack = new AsyncDisposableStack();
    const runners: Runner[] = [];
    for (const name of PEER_NAMES) {
      const peer = await startPeer(name, { workspace, channel });
      if ('cannotRun' in peer) {
        yield { what: name, unit: 'ms', measured: peer, noise: null, target: null };
        continue;
      }
      stack.use(peer);
      runners.push({ name, peer, worker: await channel.arrival(name) });
    }
    const next = (name: PeerName) => channel.arrival(name, WRITTEN_MS);
    progress('warm-up');
    for (const runner of runners) await die(runner, 1, next);
    for (const [size, times] of Object.entries(SIZES[scale])) {
      const megabytes = Number(size);
      const full = lacksSpaceFor(megabytes, workspace.path);
      if (full !== null) {
        yield { what: `${size} MB`, unit: 'ms', measured: { cannotRun: full }, noise: null, target: null };
        continue;
      }
      const gaps = new Map(runners.map(({ name }) => [name, [] as number[]]));
      for (let time = 1; time <= times; time++) {
        progress(`${size} MB, death ${time} of ${times}`);
        for (const runner of shuffled(runners))
          gaps.get(runner.name)?.push(await die(runner, megabytes, next));
      }
      yield* findingsOf(megabytes, gaps);
    }
  },
};

/** @returns from the line before the exception to the first line of the next worker, in ms */
async function die(
  runner: Runner,
  megabytes: number,
  next: (name: PeerName) => Promise<Member>,
): Promise<number> {
  const { name, peer, worker } = runner;
  await worker.ask({ order: 'fill', megabytes });
  await peer.ready?.(worker.hello.pid);
  await delay(SETTLE_MS);
  worker.send({ order: 'die' });
  runner.worker = await next(name);
  await peer.check?.(megabytes);
  return Number(runner.worker.hello.gapMs);
}

function findingsOf(megabytes: number, gaps: ReadonlyMap<PeerName, readonly number[]>): Finding[] {
  const bare = spreadOf(gaps.get('bare') ?? []).median;
  const over = (name: PeerName) => (gaps.get(name) ?? []).map((gap) => gap - bare);
  const noise = noiseOf(quartiles(over('control')), 0);
  const rows = [...gaps.keys()].filter((name) => name !== 'bare' && name !== 'control');
  return [
    {
      ...{ what: `${megabytes} MB, bare: exception to next worker`, unit: 'ms', noise: null, target: null },
      measured: spreadOf(gaps.get('bare') ?? []),
    },
    ...rows.map((name): Finding => {
      const target = name === 'crashmon' ? { atMost: 15 } : null;
      const what = `${megabytes} MB, added by ${name}`;
      return { what, unit: 'ms', measured: spreadOf(over(name)), noise, target };
    }),
  ];
}

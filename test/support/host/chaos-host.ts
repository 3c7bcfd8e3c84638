import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fingerprint } from '../../../src/formats/fingerprint.ts';
import { CHECKOUT } from '../crashmon.ts';
import { type SystemdHost, systemdHost } from '../systemd-host/systemd-host.ts';
import { agentOfHost, agentUnit } from './agent-of-host.ts';

/** A line that a program in a crash loop wrote itself. */
export type Mark = { what: 'start' | 'death'; id: string; atMs: number };

/** What the agent has stored of an app; `missed` is what it says to have missed. */
export type Recorded = { ids: string[]; missed: number };

/** A host whose services crash all the time, and whose other services can be killed and stopped. */
export type ChaosHost = AsyncDisposable & {
  host: SystemdHost;
  /** What a program wrote, by the name of its unit. */
  marks(name: string): Promise<Mark[]>;
  /** IDs of the runs that the agent reported as ended, in order. */
  reported(): Promise<string[]>;
  recorded(app: string): Promise<Recorded>;
  /** IDs of the runs whose crash is in systemd's journal. */
  logged(name: string): Promise<string[]>;
  /** No program crashes any more, and all that was stopped continues. */
  calm(): Promise<void>;
  /** The ID that the agent gives the run of a service, by such a mark. */
  runId(mark: Mark): string;
  /** The same of a process that no supervisor reports. */
  processId(mark: Mark): string;
};

const FIXTURES = path.join(CHECKOUT, 'test/fixtures/host');
const BIN = path.join(CHECKOUT, 'node_modules/.bin');
const LOGS = '/var/log/chaos';
const EVENTS = '/var/log/chaos/agent-events';
const RESTARTED = ['Restart=always', 'RestartSec=50ms'];
/** What is killed often is started again as often. */
const UNLIMITED = '[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=always\nRestartSec=100ms\n';

/** @param watched @param control names of services in crash loops: the agent watches those, and not these */
export async function chaosHost(watched: readonly string[], control: readonly string[]): Promise<ChaosHost> {
  await using stack = new AsyncDisposableStack();
  const host = stack.use(await systemdHost({ shared: [CHECKOUT] }));
  await host.must('mkdir', '-p', LOGS);
  const log = (name: string) => path.join(LOGS, `${name}.log`);
  await host.must('touch', EVENTS, ...[...watched, ...control, 'plain'].map(log));
  const limits = { 'dbus.service': UNLIMITED, 'systemd-journald.service': UNLIMITED };
  for (const [unit, text] of Object.entries(limits)) {
    await host.must('mkdir', '-p', `/etc/systemd/system/${unit}.d`);
    await host.units({ [`${unit}.d/unlimited.conf`]: text });
  }
  const loop = (name: string) => {
    const isNode = name.startsWith('node');
    const program = isNode ? `${BIN}/node ${FIXTURES}/crash-loop.cjs` : `/bin/bash ${FIXTURES}/crash-loop.sh`;
    return [`${name}.service`, service(`${program} ${log(name)}`, ...RESTARTED)];
  };
  const plain = `while [ ! -e /run/enough ]; do /usr/bin/python3 ${FIXTURES}/plain-process.py ${log('plain')}; done`;
  await host.units({
    'crashmon-agent.service': await unitOfAgent(host, watched),
    ...Object.fromEntries([...watched, ...control].map(loop)),
    'plain-supervisor.service': service(`/bin/sh -c '${plain}'`),
  });
  await host.must('systemctl', 'start', 'crashmon-agent');
  const names = [...watched, ...control].map((name) => `${name}.service`);
  await host.must('systemctl', 'start', '--no-block', ...names, 'plain-supervisor.service');
  const lines = async (file: string) => (await host.must('cat', file)).split('\n').filter(Boolean);
  const boot = (await host.must('cat', '/proc/sys/kernel/random/boot_id')).trim();
  const crashmon = async (...args: string[]): Promise<unknown> => {
    const { stdout } = await agentOfHost(host).tryCrashmon(...args, '--json');
    return stdout === '' ? null : JSON.parse(stdout);
  };
  const idOf = (key: string) => fingerprint(key).slice(0, 12);
  const runId = ({ id }: Pick<Mark, 'id'>) => idOf(`${boot.replaceAll('-', '')}/${id}`);
  const processId = ({ id }: Mark) => idOf(`process/${boot}/${id}`);
  const resources = stack.move();
  return {
    host,
    marks: async (name) =>
      (await lines(log(name))).map((line) => {
        const [what, id = '', seconds] = line.split(' ');
        return { what: what === 'start' ? 'start' : 'death', id, atMs: Number(seconds) * 1_000 };
      }),
    reported: async () =>
      (await lines(EVENTS)).flatMap((line) => {
        if (!line.startsWith('{')) return [];
        const { event, runId } = JSON.parse(line) as { event: string; runId: string };
        return event === 'ended' ? [runId] : [];
      }),
    async logged(name) {
      const match = ['MESSAGE_ID=98e322203f7a4ed290d09fe03c09fe15', `UNIT=${name}.service`];
      const fields = ['--output=json', '--output-fields=INVOCATION_ID'];
      const text = await host.must('journalctl', '--quiet', ...fields, ...match);
      const ids = text.split('\n').filter(Boolean);
      return ids.map((line) => runId({ id: (JSON.parse(line) as { INVOCATION_ID: string }).INVOCATION_ID }));
    },
    async recorded(app) {
      const crashes = ((await crashmon('crashes', '--app', app)) ?? []) as { id: string }[];
      const { apps = [] } = ((await crashmon('status')) ?? {}) as {
        apps?: { app: string; service: { missed: number } | null }[];
      };
      const missed = apps.find((one) => one.app === app)?.service?.missed ?? 0;
      return { ids: crashes.map(({ id }) => id), missed };
    },
    async calm() {
      await host.must('touch', '/run/enough');
      const units = ['crashmon-agent', 'dbus', 'systemd-journald'];
      await host.run('systemctl', 'kill', '--signal=CONT', ...units);
      await host.must('systemctl', 'start', ...units);
      for (let before = ''; ; await delay(1_500)) {
        const now = await host.must('sh', '-c', `cat ${LOGS}/*.log | wc -l`);
        if (now === before) return;
        before = now;
      }
    },
    ...{ runId, processId },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** With what it prints in a file: journald is killed, too. */
async function unitOfAgent(host: SystemdHost, watched: readonly string[]): Promise<string> {
  const options = [
    ...['--arm-after', '0', '--cooldown', '1s'],
    ...watched.flatMap((name) => ['--include', name]),
    ...['--include', 'plain', '--watch', "'plain=*plain-process.py*'"],
  ];
  const lines = [`StandardOutput=append:${EVENTS}`, `StandardError=append:${EVENTS}`];
  return (await agentUnit(host, options, { lines }))
    .replace(/^RestartSec=.*$/m, 'RestartSec=500ms')
    .replace('[Unit]\n', '[Unit]\nStartLimitIntervalSec=0\n');
}

function service(command: string, ...more: string[]): string {
  return ['[Unit]', 'StartLimitIntervalSec=0', '[Service]', `ExecStart=${command}`, ...more, ''].join('\n');
}

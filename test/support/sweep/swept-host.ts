import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { CHECKOUT } from '../crashmon.ts';
import { BUCKET, credentials } from '../dumps/bucket-server.ts';
import { type AgentOfHost, agentOfHost } from '../host/agent-of-host.ts';
import { memoryLimit } from '../host/memory-limit.ts';
import { type SystemdHost, systemdHost } from '../systemd-host/systemd-host.ts';
import { prepare } from './dying-programs.ts';
import { canary, SECRET } from './marks.ts';
import type { SweptPortal } from './swept-portal.ts';

/** Services that crash until it is enough. */
type SweptService = {
  name: string;
  command: readonly string[];
  /** More of its section of the agent's settings. */
  settings?: readonly string[];
  /** It sends to the portal as to a collector. */
  isCollected?: true;
  /** Seconds until its next start; 3 without. */
  restartSec?: number;
  /** Its processes are killed beyond this size. */
  memoryBytes?: number;
};

export type SweptHost = AsyncDisposable & {
  host: SystemdHost;
  agent: AgentOfHost;
  /** Where the services run: the home directory of a user, whose name is private. */
  home: string;
  /** Its next process stays. */
  enough(name: string): Promise<void>;
  /** Until then a connection to the portal is refused. */
  connectPortal(): Promise<void>;
  /** Keeps all memory of a crash of the service in the bucket that listens below `shared`. */
  startBucketSession(app: string, recipient: string): Promise<string>;
  /** A copy of a directory of the host, in the file system of the test. */
  copy(directory: string, name: string): Promise<string>;
};

/** In the address of the webhook of instances. */
export const INSTANCE_HOOK = 'qwinstancehookz';
const PLACE = '/srv/sweep';
const PORTS = { http: 4401, mail: 4402, hook: 4403, bucket: 4404 };
/** What portals must not learn of the bucket. */
export const BUCKET_PREFIX = 'qwbucketprefixz';
/** A slice of systemd is named after a user, too: it is in the paths of cgroups. */
const SLICE = `${SECRET}.slice`;

/** A host with `crashmon agent`, whose only way out are the taps of a portal that listen below `shared`. */
export async function startSweptHost(
  shared: string,
  services: readonly SweptService[],
  connect: (sockets: string) => Promise<SweptPortal>,
): Promise<SweptHost & { portal: SweptPortal }> {
  await using stack = new AsyncDisposableStack();
  const programs = path.join(shared, 'programs');
  mkdirSync(programs);
  const commands = services.map(({ command }) => [...command]);
  await prepare(programs, [{ name: 'host', armed: true, commands }]);
  const host = stack.use(await systemdHost({ shared: [CHECKOUT, shared] }));
  const agent = agentOfHost(host);
  // systemd empties /tmp as it boots.
  const portal = stack.use(await connect(shared));
  const home = path.join('/home', canary('Home'));
  const write = (file: string, text: string) =>
    host.must('sh', '-c', 'umask 077; printf %s "$2" >"$1"', 'sh', file, text);
  await host.must('mkdir', '-p', PLACE, home, '/etc/crashmon');
  await host.must('cp', '-r', `${programs}/.`, home);
  await write(path.join(home, `${canary('File')}.txt`), canary('Content'));
  await write('/etc/crashmon/agent.toml', settings(services, portal.tokens));
  await write('/etc/crashmon/s3', credentials());
  for (const [app, token] of portal.tokens) await write(`/etc/crashmon/${app}.token`, token);
  for (const { name, command, memoryBytes } of services) {
    const limit = memoryBytes === undefined ? null : stack.use(await memoryLimit(host, memoryBytes, name));
    const prefix = limit === null ? '' : `echo $$ >${limit.procs}\n`;
    await write(`${PLACE}/${name}.sh`, prefix + script(name, command));
  }
  await host.units({
    ...Object.fromEntries(Object.entries(PORTS).flatMap(([name, port]) => relay(shared, name, port))),
    ...Object.fromEntries(services.map((service) => [`${service.name}.service`, unit(service, home)])),
  });
  const open = (...names: readonly string[]) =>
    host.must('systemctl', 'start', ...names.map((name) => `relay-${name}.socket`));
  await open('mail', 'hook', 'bucket');
  await agent.start();
  await host.must('systemctl', 'start', '--no-block', ...services.map(({ name }) => name));
  const resources = stack.move();
  return {
    ...{ host, agent, home, portal },
    async enough(name) {
      await host.must('touch', `${PLACE}/${name}.enough`);
    },
    async connectPortal() {
      await open('http');
    },
    startBucketSession: (app, recipient) =>
      agent.crashmon(
        ...['session', 'start', app, '--full', '--max-dumps', '3', '--key', recipient],
        ...['--store', `s3://${BUCKET}/${BUCKET_PREFIX}`, '--s3-credentials', '/etc/crashmon/s3'],
        ...['--endpoint', `http://127.0.0.1:${PORTS.bucket}`],
      ),
    async copy(directory, name) {
      await host.must('cp', '-a', directory, path.join(shared, name));
      return path.join(shared, name);
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** A port of the host that leads to a socket outside of it. */
function relay(sockets: string, name: string, port: number): [string, string][] {
  const proxy = `/lib/systemd/systemd-socket-proxyd ${path.join(sockets, name)}`;
  return [
    [`relay-${name}.socket`, `[Socket]\nListenStream=127.0.0.1:${port}\n`],
    [`relay-${name}.service`, `[Service]\nExecStart=${proxy}\n`],
  ];
}

function settings(services: readonly SweptService[], tokens: ReadonlyMap<string, string>): string {
  const portal = `http://127.0.0.1:${PORTS.http}`;
  const destination = ({ name, isCollected }: SweptService) =>
    isCollected
      ? [`otlp-endpoint = "${portal}"`, `otlp-header = ["authorization=Bearer ${tokens.get(name)}"]`]
      : [`portal = "${portal}"`, `portal-token-file = "/etc/crashmon/${name}.token"`];
  const lines = [
    `include = ${JSON.stringify(services.map(({ name }) => name))}`,
    ...['arm-after = 0', 'cooldown = "1s"', 'drop-in = true'],
    ...[`notify = "smtp://127.0.0.1:${PORTS.mail}"`, 'mail-to = ["instance@example.com"]'],
    `webhook = "http://127.0.0.1:${PORTS.hook}/${INSTANCE_HOOK}"`,
    'webhook-allow-private = true',
    ...services.flatMap((service) => [
      ...[`[apps.${service.name}]`, ...destination(service), 'app-version = "1.0.0"'],
      ...(service.settings ?? []),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function script(name: string, command: readonly string[]): string {
  return `[ ! -e ${PLACE}/${name}.enough ] || exec sleep 6000\nexec ${command.map((word) => `'${word}'`).join(' ')} "$@"\n`;
}

function unit({ name, restartSec = 3 }: SweptService, home: string): string {
  return [
    ...['[Unit]', `Description=${canary('Description')}`, 'StartLimitIntervalSec=0'],
    ...['[Service]', 'Restart=always', `RestartSec=${restartSec}`, `Slice=${SLICE}`],
    `ExecStart=/bin/sh ${PLACE}/${name}.sh "${canary('Argument')}"`,
    `WorkingDirectory=${home}`,
    `Environment="SWEEP_CANARY=${canary('Environment')}" "HOME=${home}"`,
    '',
  ].join('\n');
}

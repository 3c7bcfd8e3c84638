import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CHECKOUT, MAIN } from '../crashmon.ts';
import type { ProgramResult } from '../run-program.ts';
import type { SystemdHost } from '../systemd-host/systemd-host.ts';

/** An event of the agent, as `--json` prints it. */
export type AgentEvent = { event: string; app: string | null; [field: string]: unknown };

/** `crashmon agent` on a host of its own, by the unit that comes with crashmon. */
export type AgentOfHost = {
  /** Starts it, or starts it again with other options. Returns once it watches all that runs. */
  start(...options: string[]): Promise<void>;
  stop(): Promise<void>;
  /** Sends its main process SIGKILL. Returns once the next one watches all that runs. */
  killAndRestart(): Promise<void>;
  /** Runs crashmon with the state of the agent; fails if it does. Returns standard output. */
  crashmon(...args: string[]): Promise<string>;
  /** The same; an error of crashmon is a result. */
  tryCrashmon(...args: string[]): Promise<ProgramResult>;
  /** Recorded exits, newest first; of all apps, or of those with this name. They are the truth: an agent that is killed can have recorded an exit and not printed it. */
  recorded(app?: string): Promise<RecordedExit[]>;
  /** Settles with these exits once they include all of these. */
  untilRecorded(ids: readonly string[], app?: string): Promise<RecordedExit[]>;
  /** What it printed of an app, in order; `app` is null for those of the whole host. */
  events(app: string | null, name: string): Promise<AgentEvent[]>;
  /** Settles with these events once there are so many. */
  untilEvents(app: string | null, name: string, count: number): Promise<AgentEvent[]>;
  /** Settles with these events once one of them fits. */
  untilEvent(app: string | null, name: string, fits: (event: AgentEvent) => boolean): Promise<AgentEvent[]>;
};

/** A recorded exit, as `crashmon crashes --json` prints it. */
export type RecordedExit = { id: string; counted: boolean; reasonCode: string; captured: boolean };

const UNIT = 'crashmon-agent';
export const PATH_OF_HOST: string = `PATH=${CHECKOUT}/node_modules/.bin:/usr/local/bin:/usr/bin:/bin`;
/** As the npm package starts it. */
export const CRASHMON_OF_HOST: readonly [string, string] = [
  path.join(CHECKOUT, 'node_modules/.bin/node'),
  MAIN,
];

/** For a sandboxed unit: crashmon's code compiled, as where it can write to its package. */
export const COMPILE_CACHE: string = `ReadWritePaths=${path.join(CHECKOUT, 'node_modules/.cache')}`;

type UnitOptions = {
  /** Below /var/lib. */
  state?: string;
  /** Of the section [Service]. */
  lines?: readonly string[];
};

/** The unit that comes with crashmon, with other options. */
export async function agentUnit(
  host: SystemdHost,
  options: readonly string[],
  { state = 'crashmon-test', lines = [] }: UnitOptions = {},
): Promise<string> {
  const text = await host.must('cat', path.join(CHECKOUT, 'deploy/systemd/crashmon-agent.service'));
  const command = [...CRASHMON_OF_HOST, 'agent', '--json', '--state-dir', `/var/lib/${state}`, ...options];
  return text
    .replace(
      /^ExecStart=.*$/m,
      [...[`ExecStart=${command.join(' ')}`, `Environment=${PATH_OF_HOST}`, COMPILE_CACHE], ...lines].join(
        '\n',
      ),
    )
    .replace(/^RestartSec=.*$/m, 'RestartSec=1s')
    .replace(/^StateDirectory=.*$/m, `StateDirectory=${state}`);
}

/** The host must share the checkout. */
export function agentOfHost(host: SystemdHost, state = 'crashmon-test'): AgentOfHost {
  const tryCrashmon: AgentOfHost['tryCrashmon'] = (...args) =>
    host.run('env', PATH_OF_HOST, ...CRASHMON_OF_HOST, ...args, '--state-dir', `/var/lib/${state}`);
  const agent: AgentOfHost = {
    async start(...options) {
      await host.units({ [`${UNIT}.service`]: await agentUnit(host, options, { state }) });
      const before = (await agent.events(null, 'watching')).length;
      await host.must('systemctl', 'restart', UNIT);
      await agent.untilEvents(null, 'watching', before + 1);
    },
    async stop() {
      await host.must('systemctl', 'stop', UNIT);
    },
    async killAndRestart() {
      const before = (await agent.events(null, 'watching')).length;
      await host.must('systemctl', 'kill', '--signal=KILL', UNIT);
      await agent.untilEvents(null, 'watching', before + 1);
    },
    tryCrashmon,
    async crashmon(...args) {
      const { code, stdout, stderr } = await tryCrashmon(...args);
      assert.equal(code, 0, `${args.join(' ')} failed: ${stderr}${stdout}`);
      return stdout;
    },
    async recorded(app) {
      const { stdout } = await tryCrashmon('crashes', '--json', ...(app === undefined ? [] : ['--app', app]));
      return stdout === '' ? [] : (JSON.parse(stdout) as RecordedExit[]);
    },
    async untilRecorded(ids, app) {
      for (let attempt = 0; attempt < 300; attempt++) {
        const exits = await agent.recorded(app);
        const found = new Set(exits.map(({ id }) => id));
        if (ids.every((id) => found.has(id))) return exits;
        await delay(1_000);
      }
      assert.fail(`not all of ${ids.length} exits:\n${await host.journal(UNIT)}`);
    },
    events: async (app, name) => eventsIn(await host.journal(UNIT), app, name),
    untilEvents: (app, name, count) =>
      host.journalUntil(UNIT, `${count} × ${name} of ${app}`, (text) => {
        const found = eventsIn(text, app, name);
        return found.length >= count ? found : null;
      }),
    untilEvent: (app, name, fits) =>
      host.journalUntil(UNIT, `a certain ${name} of ${app}`, (text) => {
        const found = eventsIn(text, app, name);
        return found.some(fits) ? found : null;
      }),
  };
  return agent;
}

function eventsIn(journal: string, app: string | null, name: string): AgentEvent[] {
  const lines = journal.split('\n').filter((line) => line.startsWith('{') && line.includes(`"${name}"`));
  const all = lines.map((line) => JSON.parse(line) as AgentEvent);
  return all.filter((event) => event.app === app && event.event === name);
}

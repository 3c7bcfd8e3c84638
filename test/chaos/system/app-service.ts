import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MAIN } from '../../support/crashmon.ts';
import type { AppPlan, Life } from '../plan/apps.ts';
import { FIXTURES } from './programs.ts';
import { Service } from './service.ts';
import { Traces } from './traces.ts';

export const INSTANCE = 'web-1';

/** Printed where a crashmon starts while the disk is full. */
export const UNRECORDED = 'its crashes are not recorded';

/** What workers write; `below` those of a master. */
const NOTES = ['starts', 'deaths', 'calmed', 'below-starts', 'below-deaths'] as const;

/** Half of it is crashmon's. */
const LIMIT_BYTES = 256 * 1024 * 1024;

export type AppPlace = {
  /** Of the state directory of all apps. */
  stateDir: string;
  /** Where the apps have their ledgers. */
  appsDir: string;
  bin: string;
  portal: { url: string; tokenFile: string };
  /** Options for notifications, for apps that send them. */
  notifyOptions: readonly string[];
  env: Readonly<Record<string, string>>;
  cgroup: { directory: string; limitFile: string };
};

/** An app with its crashmon, and what its workers note themselves. */
export class AppService implements AsyncDisposable {
  readonly plan: AppPlan;
  /** Its crashmon, which can be the one of other apps, too. */
  readonly service: Service;
  /** Its workers, if it is not crashmon that starts them. */
  readonly workers: Service | null = null;
  /** When those were traced. */
  readonly traces: Traces | null = null;
  /** Its memory cgroup, if it has a limit. */
  readonly cgroup: string | null;
  readonly #directory: string;

  /**
   * @param below lives of the workers below its masters
   * @param agent what watches it; null: it has a crashmon of its own
   */
  constructor(
    plan: AppPlan,
    lives: readonly Life[],
    below: readonly Life[],
    place: AppPlace,
    agent: Service | null,
  ) {
    this.plan = plan;
    this.#directory = path.join(place.appsDir, plan.name);
    mkdirSync(this.#directory, { recursive: true });
    for (const name of NOTES) writeFileSync(this.#file(name), '');
    writeFileSync(this.#file('plan'), linesOf(lives));
    writeFileSync(this.#file('below-plan'), linesOf(below));
    this.cgroup = plan.limited ? limitedCgroup(plan.name, place.cgroup) : null;
    const { env, stateDir, bin } = place;
    const front = ['sh', path.join(FIXTURES, 'front.sh'), this.#directory, bin, process.execPath];
    if (agent !== null) {
      this.service = agent;
      const workers = new Service(plan.name, { argv: front, env, output: this.#file('output') });
      this.workers = workers;
      this.traces = new Traces(() => workers.pid);
      return;
    }
    this.service = new Service(plan.name, {
      argv: [process.execPath, MAIN, ...argumentsOf(plan, place), '--', ...front],
      env: { ...env, CRASHMON_STATE_DIR: stateDir },
      output: this.#file('output'),
      ...(this.cgroup === null ? {} : { procs: path.join(this.cgroup, 'cgroup.procs') }),
    });
  }

  /** Without the agent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.traces?.[Symbol.dispose]();
    await (this.workers ?? this.service).end('SIGKILL');
  }

  /** Its own crashmon has said that it records nothing, which stays so until it ends. */
  isUnrecorded(): boolean {
    if (this.plan.watched) return false;
    const output = this.service.lives.at(-1)?.output;
    return output !== undefined && readFileSync(output, 'utf8').includes(UNRECORDED);
  }

  /** Lines of what its workers wrote, each as its words. */
  noted(name: (typeof NOTES)[number]): string[][] {
    const lines = readFileSync(this.#file(name), 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => line.split(' '));
  }

  /** The process ID of the worker that was started last; it can have ended. */
  newestWorker(): number | null {
    const pid = this.noted('starts').at(-1)?.[0];
    return pid === undefined ? null : Number(pid);
  }

  /** From now on a worker that starts stays. */
  calm(): void {
    writeFileSync(this.#file('calm'), '');
  }

  isCalm(): boolean {
    const pid = this.noted('calmed').at(-1)?.[0];
    return pid !== undefined && existsSync(`/proc/${pid}`) && Number(pid) === this.newestWorker();
  }

  #file(name: string): string {
    return path.join(this.#directory, name);
  }
}

function linesOf(lives: readonly Life[]): string {
  return lives.map(({ way, lifeMs }) => `${way.language} ${way.name} ${lifeMs}\n`).join('');
}

function argumentsOf(plan: AppPlan, { portal, notifyOptions }: AppPlace): string[] {
  return [
    ...['run', '--name', plan.name, '--instance', INSTANCE, '--restart', plan.restart, '--json'],
    ...['--arm-after', `${plan.armAfter}`, '--cooldown', `${plan.cooldownMs}ms`],
    ...['--restart-delay', '20ms', '--restart-delay-max', '300ms', '--stop-timeout', '3s'],
    ...['--portal', portal.url, '--portal-token-file', portal.tokenFile],
    ...(plan.notifies ? notifyOptions : []),
  ];
}

/** Of its own: the kernel counts OOM kills for each. */
function limitedCgroup(name: string, { directory, limitFile }: AppPlace['cgroup']): string {
  const own = path.join(directory, name);
  mkdirSync(own);
  writeFileSync(path.join(own, limitFile), `${LIMIT_BYTES}`);
  return own;
}

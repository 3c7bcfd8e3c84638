import { readFileSync } from 'node:fs';
import type { BusListener } from '../../../src/host/systemd/bus.ts';
import { MESSAGES } from '../../../src/host/systemd/journal-entry.ts';
import type { SystemdTransport } from '../../../src/host/systemd/systemd-transport.ts';
import type { Properties } from '../../../src/host/systemd/unit-snapshot.ts';

type Unit = {
  name: string;
  phase: 'running' | 'stopping' | 'waiting' | 'stopped';
  invocation: string;
  main: { pid: number; startUs: number; exitUs: number; code: number; status: number };
  result: string;
  restarts: number;
};
type Waiting = { resolve: () => void; reject: (error: Error) => void; isBus: boolean };
type Signal = { unit: string; service: Properties; properties: Properties };

const BOOT = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().replaceAll('-', '');

/**
 * systemd and its journal as far as a source sees them, in any order that is possible: signals are combined and late,
 * entries are late, answers are late and not of one moment, the connection can break.
 */
export class SystemdModel {
  readonly #random: () => number;
  readonly #stops: number;
  readonly #units: Unit[];
  readonly #dirty = new Set<Unit>();
  readonly #signals: Signal[] = [];
  readonly #entries: string[] = [];
  #visible = 0;
  /** journald does not take what systemd logs of crashes and restarts. */
  #isDeaf = false;
  #listener: BusListener | null = null;
  /** What waits for an answer. */
  readonly #waiting: Waiting[] = [];
  #now = 1_000_000;
  #number = 0;
  /** Keys of the runs that crashed, and of those that were stopped. */
  readonly crashed: string[] = [];
  readonly stopped: string[] = [];

  /** @param stops how many of the ends are stops */
  constructor(units: number, random: () => number, stops = 0.15) {
    this.#random = random;
    this.#stops = stops;
    this.#units = Array.from({ length: units }, (_, index) => this.#newUnit(`shop${index}.service`));
    for (const unit of this.#units) this.#log(unit, 'started', {});
    this.#visible = this.#entries.length;
  }

  /** One thing happens. */
  step(): void {
    const unit = this.#pick(this.#units);
    const actions = [
      () => this.#advance(unit),
      () => this.#advance(unit),
      () => this.#advance(unit),
      () => this.#emit(),
      () => this.#deliver(),
      () => this.#deliver(),
      () => this.#catchUp(),
      () => this.#answer(),
      () => this.#answer(),
      () => this.#answer(),
    ];
    this.#pick(actions)();
  }

  /** The connection breaks, with what was on its way. */
  breakBus(): void {
    const listener = this.#listener;
    this.#listener = null;
    this.#signals.length = 0;
    for (const waiting of this.#waiting.filter(({ isBus }) => isBus))
      this.#release(waiting, new Error('lost'));
    listener?.onLost('broken');
  }

  /** What the agent waited for never comes. */
  killAgent(): void {
    this.#listener = null;
    this.#signals.length = 0;
    this.#waiting.length = 0;
  }

  /** Time passes: neither signals nor the journal are late for so long. */
  later(): void {
    this.#visible = this.#entries.length;
    this.#emit();
    while (this.#signals.length > 0) this.#deliver();
  }

  /** Each unit, once. */
  crashAndRestart(): void {
    for (const unit of this.#units) {
      this.#crash(unit);
      this.#advance(unit);
    }
  }

  /** Each unit; the signals are lost, and the journal has no exit of a process that ended with 0. */
  stopUnseen(): void {
    for (const unit of this.#units) {
      this.#log(unit, 'stopping', { JOB_TYPE: 'stop' });
      this.#end(unit, 1, 0, 'success', 'stopped');
      this.#log(unit, 'succeeded', {});
      this.stopped.push(keyOf(unit));
    }
  }

  /** systemd has no more of them than their names. */
  forget(): void {
    for (const unit of this.#units) unit.main = { pid: 0, startUs: 0, exitUs: 0, code: 0, status: 0 };
  }

  /** journald hangs or works again. */
  setDeaf(isDeaf: boolean): void {
    this.#isDeaf = isDeaf;
  }

  /** A stop that was begun ends, and what crashed is started again. */
  calm(): void {
    for (const unit of this.#units)
      if (unit.phase === 'stopping' || unit.phase === 'waiting') this.#advance(unit);
  }

  /** All that is on its way arrives. @returns is anything left? */
  drain(): boolean {
    this.later();
    const { length } = this.#waiting;
    while (this.#waiting.length > 0) this.#answer();
    return length > 0;
  }

  readonly transport: SystemdTransport = {
    connect: async (_, listener) => {
      await this.#pause(true);
      this.#listener = listener;
      return {
        services: async () => {
          await this.#pause(true);
          return this.#units.map(({ name }) => name);
        },
        read: async (name) => {
          const unit = this.#units.find((one) => one.name === name) as Unit;
          await this.#pause(true);
          // What systemd has sent before comes before.
          while (this.#signals.length > 0) this.#deliver();
          const read = { service: serviceOf(unit), unit: propertiesOf(unit) };
          await this.#pause(true);
          return read;
        },
        command: async () => ({ argv: [], cwd: '/' }),
        output: async () => ({}),
        reload: async () => {},
        restart: async () => null,
        close: () => {
          if (this.#listener === listener) this.#listener = null;
        },
      };
    },
    readJournal: async (args, onLine) => {
      await this.#pause(false);
      const cursor = args.find((arg) => arg.startsWith('--cursor='))?.split('=')[1];
      const from = cursor === undefined ? this.#visible - 1 : Number(cursor);
      for (const line of this.#entries.slice(Math.max(0, from), this.#visible)) onLine(line);
      await this.#pause(false);
      return null;
    },
  };

  #advance(unit: Unit): void {
    switch (unit.phase) {
      case 'running':
        if (this.#random() < this.#stops) {
          unit.phase = 'stopping';
          this.#log(unit, 'stopping', { JOB_TYPE: 'stop' });
          // Only a bus that is very busy combines this with the end.
          this.#dirty.add(unit);
          this.#emit();
        } else this.#crash(unit);
        break;
      case 'stopping':
        this.#end(unit, 1, 4, 'exit-code', 'stopped');
        this.#log(unit, 'exited', { COMMAND: 'ExecStart', EXIT_CODE: 'exited', EXIT_STATUS: '4' });
        this.#log(unit, 'failed', { UNIT_RESULT: 'exit-code' });
        // Without it nothing distinguishes a stop of a time without a connection from a crash.
        this.#visible = this.#entries.length;
        this.stopped.push(keyOf(unit));
        break;
      case 'waiting':
        unit.restarts += 1;
        this.#logUnlessDeaf(unit, 'restarting', { N_RESTARTS: String(unit.restarts) });
        this.#start(unit);
        break;
      case 'stopped':
        unit.restarts = 0;
        this.#start(unit);
        break;
    }
    this.#dirty.add(unit);
  }

  #crash(unit: Unit): void {
    this.#end(unit, 1, 3, 'exit-code', 'waiting');
    this.#logUnlessDeaf(unit, 'exited', { COMMAND: 'ExecStart', EXIT_CODE: 'exited', EXIT_STATUS: '3' });
    this.#logUnlessDeaf(unit, 'failed', { UNIT_RESULT: 'exit-code' });
    this.crashed.push(keyOf(unit));
  }

  #end(unit: Unit, code: number, status: number, result: string, phase: Unit['phase']): void {
    unit.main = { ...unit.main, exitUs: this.#tick(), code, status };
    unit.result = result;
    unit.phase = phase;
  }

  #start(unit: Unit): void {
    Object.assign(unit, this.#newUnit(unit.name), { restarts: unit.restarts });
    this.#log(unit, 'started', {});
  }

  #newUnit(name: string): Unit {
    const number = ++this.#number;
    const main = { pid: 100_000_000 + number, startUs: this.#tick(), exitUs: 0, code: 0, status: 0 };
    const invocation = number.toString(16).padStart(32, '0');
    return { name, phase: 'running', invocation, main, result: 'success', restarts: 0 };
  }

  /** Of a stop it logs all: nothing else distinguishes it from a crash. */
  #logUnlessDeaf(unit: Unit, what: keyof typeof MESSAGES, fields: Record<string, string>): void {
    if (!this.#isDeaf) this.#log(unit, what, fields);
  }

  #log(unit: Unit, what: keyof typeof MESSAGES, fields: Record<string, string>): void {
    const cursor = String(this.#entries.length);
    this.#entries.push(
      JSON.stringify({
        ...{ MESSAGE_ID: MESSAGES[what], UNIT: unit.name, INVOCATION_ID: unit.invocation, _BOOT_ID: BOOT },
        ...{ __CURSOR: cursor, __REALTIME_TIMESTAMP: String(this.#tick()) },
        ...fields,
      }),
    );
  }

  /** systemd sends the newest state of each unit that changed. */
  #emit(): void {
    for (const unit of this.#dirty) {
      if (this.#listener !== null)
        this.#signals.push({ unit: unit.name, service: serviceOf(unit), properties: propertiesOf(unit) });
    }
    this.#dirty.clear();
  }

  #deliver(): void {
    const signal = this.#signals.shift();
    if (signal !== undefined) this.#listener?.onUnit(signal.unit, signal.service, signal.properties);
  }

  #catchUp(): void {
    const behind = this.#entries.length - this.#visible;
    this.#visible += Math.ceil(behind * this.#random());
  }

  #pause(isBus: boolean): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject, isBus }));
  }

  /** Answers of one connection come in order; those of the journal on their own. */
  #answer(): void {
    const isBus = this.#random() < 0.7;
    const first = this.#waiting.find((one) => one.isBus === isBus) ?? this.#waiting[0];
    if (first !== undefined) this.#release(first);
  }

  #release(waiting: Waiting, error?: Error): void {
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    if (error === undefined) waiting.resolve();
    else waiting.reject(error);
  }

  #pick<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.#random() * values.length)] as Value;
  }

  /** Of the wall clock, in microseconds. */
  #tick(): number {
    this.#now += 1_000;
    return this.#now;
  }
}

const SUB_STATES = { running: 'running', stopping: 'stop-sigterm', waiting: 'auto-restart', stopped: 'dead' };

function serviceOf({ main, phase, result, restarts }: Unit): Properties {
  const { pid, startUs, exitUs, code, status } = main;
  return {
    ...{ MainPID: exitUs === 0 ? pid : 0, ExecMainPID: pid, ExecMainCode: code, ExecMainStatus: status },
    ...{ ExecMainStartTimestamp: startUs, ExecMainExitTimestamp: exitUs, NRestarts: restarts },
    Result: phase === 'stopping' ? 'success' : result,
  };
}

function propertiesOf({ invocation, phase }: Unit): Properties {
  return {
    InvocationID: Uint8Array.from(Buffer.from(invocation, 'hex')),
    ActiveState: phase === 'waiting' ? 'activating' : 'active',
    SubState: SUB_STATES[phase],
  };
}

function keyOf({ invocation }: { invocation: string }): string {
  return `${BOOT}/${invocation}`;
}

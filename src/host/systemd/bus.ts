import { isDeepStrictEqual } from 'node:util';
import type { DbusCall, DbusMessage } from '../../formats/dbus/message.ts';
import { BusCalls } from './bus-calls.ts';
import { BusConnection } from './bus-connection.ts';
import { UnitRemovals } from './unit-removals.ts';
import { type Properties, SERVICE_PROPERTIES, UNIT_PROPERTIES, unitOfPath } from './unit-snapshot.ts';
import { OUTPUT_PROPERTIES } from './unit-words.ts';

export type BusListener = {
  /** Both halves of the same moment. */
  onUnit: (unit: string, service: Properties, properties: Properties) => void;
  /** systemd has forgotten it. */
  onRemoved: (unit: string) => void;
  /** systemd has read its units again. */
  onReloaded: () => void;
  /** Once; nothing comes afterwards. */
  onLost: (why: string) => void;
};

type Target = { path: string; name: string; member: string };

const SYSTEMD = 'org.freedesktop.systemd1';
const MANAGER = { path: '/org/freedesktop/systemd1', name: `${SYSTEMD}.Manager` };
const BUS = { path: '/org/freedesktop/DBus', name: 'org.freedesktop.DBus' };
const PROPERTIES = 'org.freedesktop.DBus.Properties';
const UNITS = '/org/freedesktop/systemd1/unit';
/** A stopped bus does not end a connection. */
const PING_EVERY_MS = 10_000;
/** A service in a crash loop is between two runs for a moment only. */
const READS = 3;

/** Values of `Restart=` for exit code 1. */
const RESTARTS_CRASHES = ['always', 'on-failure'];

/** Nothing else is read of what a signal says. */
const WANTED: ReadonlySet<string> = new Set([...SERVICE_PROPERTIES, ...UNIT_PROPERTIES]);
/** Of a unit's path: `.service`. */
const SERVICE_PATH = /_2eservice$/;

const OWNER_CHANGED = `type='signal',sender='${BUS.name}',member='NameOwnerChanged',arg0='${SYSTEMD}'`;
const MATCHES = [
  `interface='${PROPERTIES}',member='PropertiesChanged',path_namespace='${UNITS}',arg0='${SYSTEMD}.Service'`,
  `interface='${PROPERTIES}',member='PropertiesChanged',path_namespace='${UNITS}',arg0='${SYSTEMD}.Unit'`,
  ...['UnitNew', 'UnitRemoved', 'Reloading'].map(
    (member) => `interface='${MANAGER.name}',member='${member}'`,
  ),
].map((match) => `type='signal',sender='${SYSTEMD}',${match}`);

/** systemd's manager over D-Bus (org.freedesktop.systemd1(5)). */
export class SystemdBus {
  readonly #bus: BusConnection;
  readonly #calls: BusCalls;
  readonly #listener: BusListener;
  /** Of services whose unit's half has not come yet. */
  readonly #halves = new Map<string, Properties>();
  readonly #removals = new UnitRemovals((unit) => this.#listener.onRemoved(unit));
  /** Its name on this bus: other processes can send the same signals. */
  #systemd: string | null = null;
  #ping: NodeJS.Timeout | null = null;
  /** Since the last ping. */
  #isHeard = false;
  #isOver = false;

  private constructor(address: string, listener: BusListener) {
    this.#bus = new BusConnection(address, {
      onSignal: (message) => this.#receive(message),
      onLost: (why) => this.#lose(why),
    });
    this.#calls = new BusCalls(this.#bus);
    this.#listener = listener;
  }

  /** Returns once changes of units are being received. @throws if there is no bus or no systemd on it */
  static async connect(address: string, listener: BusListener): Promise<SystemdBus> {
    const bus = new SystemdBus(address, listener);
    try {
      await bus.#begin();
      return bus;
    } catch (error) {
      bus.close();
      throw error;
    }
  }

  /** Names of the services that run, are being started or stopped, or have failed. */
  async services(): Promise<string[]> {
    const [units] = await this.#call({ ...MANAGER, member: 'ListUnitsByPatterns' }, 'asas', [
      [],
      ['*.service'],
    ]);
    return (units as unknown[][])
      .filter(([, , load, active]) => load === 'loaded' && active !== 'inactive')
      .map(([name]) => String(name));
  }

  /**
   * As `onUnit` has them, of one run. What is received meanwhile can be newer.
   * @returns null if the unit starts again and again meanwhile: then that is received
   */
  async read(unit: string): Promise<{ service: Properties; unit: Properties } | null> {
    for (let attempt = 0; attempt < READS; attempt++) {
      // Answers come in the order of the calls.
      const [before, service, properties, after] = await Promise.all([
        this.#runOf(unit),
        this.#readAll(unit, 'Service', SERVICE_PROPERTIES),
        this.#readAll(unit, 'Unit', UNIT_PROPERTIES),
        this.#runOf(unit),
      ]);
      if (isDeepStrictEqual(before, after)) return { service, unit: properties };
    }
    return null;
  }

  /** Its command, and the directory in which it starts. Both can be empty. */
  async command(unit: string): Promise<{ argv: string[]; cwd: string }> {
    const { ExecStart: start, WorkingDirectory: cwd } = await this.#readAll(unit, 'Service', [
      'ExecStart',
      'WorkingDirectory',
    ]);
    // (path, argv, ignores failure, times, pid, code, status)
    const argv = Array.isArray(start) ? (start[0] as unknown[] | undefined)?.[1] : null;
    return {
      argv: Array.isArray(argv) ? argv.map(String) : [],
      cwd: typeof cwd === 'string' ? cwd.replace(/^[!-]+/, '') || '/' : '/',
    };
  }

  /** Where what it prints goes. */
  async output(unit: string): Promise<Properties> {
    return this.#readAll(unit, 'Service', OUTPUT_PROPERTIES);
  }

  /** null if exit code 1 is not restarted, or NODE_OPTIONS is taken away. */
  async restart(unit: string): Promise<{ afterMs: number } | null> {
    const names = ['Restart', 'RestartUSec', 'UnsetEnvironment'];
    const {
      Restart: when,
      RestartUSec: us,
      UnsetEnvironment: unset,
    } = await this.#readAll(unit, 'Service', names);
    const isUnset = Array.isArray(unset) && unset.some((entry) => /^NODE_OPTIONS(?:=|$)/.test(String(entry)));
    if (isUnset || !RESTARTS_CRASHES.includes(String(when))) return null;
    return { afterMs: Number(us) / 1000 };
  }

  /** systemd reads its units again: as `systemctl daemon-reload`. */
  async reload(): Promise<void> {
    await this.#call({ ...MANAGER, member: 'Reload' });
  }

  close(): void {
    this.#end('the connection is closed');
  }

  async #begin(): Promise<void> {
    await this.#call({ ...BUS, member: 'Hello' });
    for (const match of [OWNER_CHANGED, ...MATCHES])
      await this.#call({ ...BUS, member: 'AddMatch' }, 's', [match]);
    this.#systemd = String((await this.#call({ ...BUS, member: 'GetNameOwner' }, 's', [SYSTEMD]))[0]);
    await this.#call({ ...MANAGER, member: 'Subscribe' });
    this.#ping = setInterval(() => {
      this.#isHeard = false;
      this.#call({ ...BUS, member: 'GetId' }).catch((error: Error) => {
        // Otherwise the answer waits behind all the rest.
        if (!this.#isHeard) this.#lose(error.message);
      });
    }, PING_EVERY_MS).unref();
  }

  #receive(message: DbusMessage): void {
    const { member, sender, path } = message;
    this.#isHeard = true;
    if (this.#isOver) return;
    if (sender === BUS.name && member === 'NameOwnerChanged') this.#lose('systemd is another process now');
    if (sender !== this.#systemd) return;
    if (member === 'PropertiesChanged') {
      if (SERVICE_PATH.test(path)) this.#changed(unitOfPath(path), message.body(WANTED));
      return;
    }
    const [first] = message.body();
    const unit = String(first);
    if (member === 'Reloading') {
      this.#removals.reloading(first === true);
      if (first === false) this.#listener.onReloaded();
    } else if (!unit.endsWith('.service')) return;
    else if (member === 'UnitNew') this.#removals.added(unit);
    else if (member === 'UnitRemoved') this.#removals.removed(unit);
  }

  /** The service's half comes first, the unit's follows with the same state (systemd, dbus-unit.c). */
  #changed(unit: string, [name, changed]: readonly unknown[]): void {
    const properties = changed as Properties;
    if (name === `${SYSTEMD}.Service`) {
      this.#halves.set(unit, properties);
      return;
    }
    const service = this.#halves.get(unit);
    this.#halves.delete(unit);
    if (service !== undefined) this.#listener.onUnit(unit, service, properties);
  }

  async #runOf(unit: string): Promise<readonly Properties[]> {
    return await Promise.all([
      this.#readAll(unit, 'Unit', ['InvocationID']),
      this.#readAll(unit, 'Service', ['ExecMainPID', 'ExecMainStartTimestamp']),
    ]);
  }

  async #readAll(unit: string, half: 'Service' | 'Unit', names: readonly string[]): Promise<Properties> {
    const path = pathOfUnit(unit);
    const values = await Promise.all(
      names.map(async (name) => {
        const get = { path, name: PROPERTIES, member: 'Get' };
        const [value] = await this.#call(get, 'ss', [`${SYSTEMD}.${half}`, name]);
        return [name, value] as const;
      }),
    );
    return Object.fromEntries(values);
  }

  async #call(to: Target, signature = '', body: DbusCall['body'] = []): Promise<readonly unknown[]> {
    const { path, name, member } = to;
    const destination = name.startsWith(SYSTEMD) || path.startsWith(UNITS) ? SYSTEMD : BUS.name;
    return this.#calls.call({ destination, path, interface: name, member, signature, body });
  }

  #lose(why: string): void {
    if (this.#isOver) return;
    this.#end(why);
    this.#listener.onLost(why);
  }

  #end(why: string): void {
    this.#isOver = true;
    if (this.#ping !== null) clearInterval(this.#ping);
    this.#calls.end(why);
    this.#bus.close();
  }
}

function pathOfUnit(unit: string): string {
  const escaped = Array.from(Buffer.from(unit), (byte, index) => {
    const character = String.fromCharCode(byte);
    const isPlain = /[A-Za-z]/.test(character) || (index > 0 && /[0-9]/.test(character));
    return isPlain ? character : `_${byte.toString(16).padStart(2, '0')}`;
  });
  return `${UNITS}/${escaped.join('')}`;
}

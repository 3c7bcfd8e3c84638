import { Message, type MessageBus, sessionBus } from '@jellybrick/dbus-next';
import { type Properties, SERVICE_PROPERTIES, UNIT_PROPERTIES, unitOfPath } from './unit-snapshot.ts';

export type BusListener = {
  /** Both halves of the same moment. */
  onUnit: (unit: string, service: Properties, properties: Properties) => void;
  /** systemd has forgotten it. */
  onRemoved: (unit: string) => void;
  /** Once; nothing comes afterwards. */
  onLost: (why: string) => void;
};

type Target = { path: string; name: string; member: string };

const SYSTEMD = 'org.freedesktop.systemd1';
const MANAGER = { path: '/org/freedesktop/systemd1', name: `${SYSTEMD}.Manager` };
const BUS = { path: '/org/freedesktop/DBus', name: 'org.freedesktop.DBus' };
const PROPERTIES = 'org.freedesktop.DBus.Properties';
const UNITS = '/org/freedesktop/systemd1/unit';
/** The library does not report the end of a connection, and a stopped bus has none. */
const PING_EVERY_MS = 10_000;
const ANSWER_MS = 20_000;

const MATCHES = [
  `interface='${PROPERTIES}',member='PropertiesChanged',path_namespace='${UNITS}',arg0='${SYSTEMD}.Service'`,
  `interface='${PROPERTIES}',member='PropertiesChanged',path_namespace='${UNITS}',arg0='${SYSTEMD}.Unit'`,
  `interface='${MANAGER.name}',member='UnitRemoved'`,
].map((match) => `type='signal',sender='${SYSTEMD}',${match}`);

/** systemd's manager over D-Bus (org.freedesktop.systemd1(5)). */
export class SystemdBus {
  readonly #bus: MessageBus;
  readonly #listener: BusListener;
  /** Of services whose unit's half has not come yet. */
  readonly #halves = new Map<string, Properties>();
  /** Calls that wait for an answer: the library does not end them with the connection. */
  readonly #waiting = new Set<(error: Error) => void>();
  #ping: NodeJS.Timeout | null = null;
  #isOver = false;

  private constructor(address: string, listener: BusListener) {
    this.#bus = sessionBus({ busAddress: address });
    this.#listener = listener;
    (this.#bus as NodeJS.EventEmitter).on('error', (error: Error) => this.#lose(error.message));
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

  /** As `onUnit` has them. Not of one moment: what is received meanwhile is newer. */
  async read(unit: string): Promise<{ service: Properties; unit: Properties }> {
    const [service, properties] = await Promise.all([
      this.#readAll(unit, 'Service', SERVICE_PROPERTIES),
      this.#readAll(unit, 'Unit', UNIT_PROPERTIES),
    ]);
    return { service, unit: properties };
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

  close(): void {
    this.#isOver = true;
    if (this.#ping !== null) clearInterval(this.#ping);
    try {
      this.#bus.disconnect();
    } catch {
      // It never was connected.
    }
  }

  async #begin(): Promise<void> {
    this.#bus.on('message', ({ member, path, body }) => {
      if (member === 'PropertiesChanged') this.#changed(path, body);
      else if (member === 'UnitRemoved' && String(body[0]).endsWith('.service'))
        this.#listener.onRemoved(String(body[0]));
    });
    for (const match of MATCHES) await this.#call({ ...BUS, member: 'AddMatch' }, 's', [match]);
    await this.#call({ ...MANAGER, member: 'Subscribe' });
    this.#ping = setInterval(() => {
      this.#call({ ...BUS, member: 'GetId' }).catch((error: Error) => this.#lose(error.message));
    }, PING_EVERY_MS).unref();
  }

  /** The service's half comes first, the unit's follows with the same state (systemd, dbus-unit.c). */
  #changed(path: string, [name, changed]: readonly unknown[]): void {
    const unit = unitOfPath(path);
    if (this.#isOver || !unit.endsWith('.service')) return;
    const properties = valuesOf(changed);
    if (name === `${SYSTEMD}.Service`) {
      this.#halves.set(unit, properties);
      return;
    }
    const service = this.#halves.get(unit);
    this.#halves.delete(unit);
    if (service !== undefined) this.#listener.onUnit(unit, service, properties);
  }

  async #readAll(unit: string, half: 'Service' | 'Unit', names: readonly string[]): Promise<Properties> {
    const path = pathOfUnit(unit);
    const values = await Promise.all(
      names.map(async (name) => {
        const get = { path, name: PROPERTIES, member: 'Get' };
        const [value] = await this.#call(get, 'ss', [`${SYSTEMD}.${half}`, name]);
        return [name, plain(value)] as const;
      }),
    );
    return Object.fromEntries(values);
  }

  async #call(to: Target, signature = '', body: unknown[] = []): Promise<readonly unknown[]> {
    const { path, name, member } = to;
    const destination = name.startsWith(SYSTEMD) || path.startsWith(UNITS) ? SYSTEMD : BUS.name;
    const message = new Message({ destination, path, interface: name, member, signature, body });
    let timer: NodeJS.Timeout | undefined;
    let fail: (error: Error) => void = () => {};
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer to ${member}`)), ANSWER_MS);
      fail = reject;
      this.#waiting.add(reject);
    });
    try {
      const answer = await Promise.race([this.#bus.call(message), late]);
      return answer?.body ?? [];
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(fail);
    }
  }

  #lose(why: string): void {
    if (this.#isOver) return;
    this.close();
    for (const fail of this.#waiting) fail(new Error(why));
    this.#listener.onLost(why);
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

function valuesOf(variants: unknown): Properties {
  if (typeof variants !== 'object' || variants === null) return {};
  return Object.fromEntries(Object.entries(variants).map(([name, value]) => [name, plain(value)]));
}

function plain(variant: unknown): unknown {
  return typeof variant === 'object' && variant !== null && 'value' in variant ? variant.value : variant;
}

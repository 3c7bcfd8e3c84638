import type { PostgresPool } from 'kysely';
import pg from 'pg';
import { codeOf, NO_PRIMARY } from './database-failure.ts';

const READ_ONLY = '25006';

/** Which of several servers is connected to; another one after a failure. */
class Turn {
  at = 0;
  readonly urls: readonly string[];

  constructor(urls: readonly string[]) {
    this.urls = urls;
  }

  /** Unless another connection has done so already. */
  leave(at: number): void {
    if (this.at === at) this.at = (at + 1) % this.urls.length;
  }
}

/**
 * Connections to the one of the servers that can be written: the others are its standbys, until one of them is promoted. A
 * connection that turns out to be read-only, or whose server no longer responds, is not used again.
 *
 * @param urls at least one; of a single one it is not asked whether it is a standby
 * @param onLost a connection broke: the next one can be to a server that does not have all that this one acknowledged
 */
export function primaryPool(
  urls: readonly [string, ...string[]] | readonly string[],
  options: pg.PoolConfig,
  onLost: () => void,
): PostgresPool {
  const turn = new Turn(urls);
  const unusable = new WeakSet<object>();
  class PrimaryClient extends pg.Client {
    readonly at = turn.at;

    constructor(config: pg.ClientConfig) {
      super({ ...config, connectionString: turn.urls[turn.at] });
    }

    override connect(callback?: unknown): never {
      if (typeof callback !== 'function') return super.connect() as never;
      return super.connect((error: Error | null) => {
        if (error !== null) turn.leave(this.at);
        callback(error, this);
      }) as never;
    }

    override query(...given: unknown[]): never {
      const asked: unknown = Reflect.apply(super.query, this, given);
      if (asked instanceof Promise) asked.catch((error: unknown) => this.#judge(error));
      return asked as never;
    }

    #judge(error: unknown): void {
      const isSilent = error instanceof Error && error.message === 'Query read timeout';
      if (!isSilent && codeOf(error) !== READ_ONLY) return;
      turn.leave(this.at);
      onLost();
      unusable.add(this);
      // Whatever comes next on this connection would wait as long.
      if (isSilent) this.end().catch(() => {});
    }
  }
  const pool = new pg.Pool({
    ...options,
    Client: PrimaryClient as unknown as NonNullable<pg.PoolConfig['Client']>,
    ...(urls.length === 1 ? {} : { onConnect: (client) => requirePrimary(client, turn) }),
  });
  // A connection that breaks while idle is replaced at the next use.
  pool.on('error', () => {});
  // One that breaks during a query also fails the query; without a listener, the event would end the portal.
  pool.on('connect', (client) => client.on('error', onLost));
  // The pool keeps no connection that is ending.
  pool.on('release', (_error, client) => {
    if (unusable.has(client)) client.end().catch(() => {});
  });
  return {
    options: pool.options,
    async connect() {
      for (let tried = 1; ; tried++) {
        const { at } = turn;
        try {
          return (await pool.connect()) as never;
        } catch (error) {
          // Without another server's turn, it was waiting for a free connection that took too long.
          if (tried >= urls.length || turn.at === at) throw error;
        }
      }
    },
    end: () => pool.end(),
  };
}

async function requirePrimary(client: pg.ClientBase, turn: Turn): Promise<void> {
  const { rows } = await client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby');
  if (rows[0]?.standby !== true) return;
  turn.leave((client as pg.ClientBase & { at: number }).at);
  throw Object.assign(new Error('the server is a standby'), { code: NO_PRIMARY });
}

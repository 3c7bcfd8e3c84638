import { sql } from 'kysely';
import type { DialectName, WriteTransaction } from '../database/database.ts';
import { type Cell, jsonRows } from '../database/json-rows.ts';
import { OTHER_INSTANCE } from '../limits.ts';
import { keyOf } from './batch.ts';

type Named = { appId: number; instance: string };

/**
 * Which instances are kept one by one. What there is room for is an estimate that is never too high for this process,
 * so that instances are counted once in many batches.
 */
export class InstanceRoom {
  readonly #limit: number;
  readonly #left = new Map<number, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Keys of app and instance of those that the app has no room for. Needs the apps' lock. */
  async withoutRoom(
    dialect: DialectName,
    transaction: WriteTransaction,
    all: readonly Named[],
  ): Promise<Set<string>> {
    const without = new Set<string>();
    const apps = Map.groupBy(all, ({ appId }) => appId);
    for (const [appId, named] of apps) {
      const instances = new Set(named.map(({ instance }) => instance));
      if (this.#take(appId, instances.size)) continue;
      this.#left.set(appId, this.#limit - (await count(transaction, appId)));
      if (this.#take(appId, instances.size)) continue;
      const known = await knownOf(dialect, transaction, appId, instances);
      let left = Math.max(0, this.#left.get(appId) ?? 0);
      for (const instance of instances) {
        if (known.has(instance)) continue;
        if (left > 0) left--;
        else without.add(keyOf(appId, instance));
      }
      this.#left.set(appId, left);
    }
    return without;
  }

  #take(appId: number, instances: number): boolean {
    const left = this.#left.get(appId) ?? 0;
    if (left < instances) return false;
    this.#left.set(appId, left - instances);
    return true;
  }
}

async function count(transaction: WriteTransaction, appId: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from instances
    where app_id = ${appId} and instance <> ${OTHER_INSTANCE}`.execute(transaction);
  return rows[0]?.n ?? 0;
}

async function knownOf(
  dialect: DialectName,
  transaction: WriteTransaction,
  appId: number,
  instances: ReadonlySet<string>,
): Promise<Set<string>> {
  const cells = [...instances].map((instance): Cell[] => [appId, instance]);
  const { rows } = await sql<{ instance: string }>`select i.instance
    from ${jsonRows(dialect, { app_id: 'int', instance: 'text' }, cells)} as r
    join instances as i on i.app_id = r.app_id and i.instance = r.instance`.execute(transaction);
  return new Set(rows.map(({ instance }) => instance));
}

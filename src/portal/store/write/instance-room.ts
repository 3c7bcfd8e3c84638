import { sql } from 'kysely';
import { joinStored } from '../database/of-apps.ts';
import { keyOf } from '../key-of.ts';
import { OTHER_INSTANCE } from '../limits.ts';
import type { WriteContext } from './write-context.ts';

type Named = { appId: number; instance: string };
export type PlaceOf = (sent: Named) => string;

/**
 * Which instances are stored one by one. The remaining room is an estimate that is never too high for this process, so
 * that instances are counted once in many batches.
 */
export class InstanceRoom {
  readonly #limit: number;
  readonly #left = new Map<number, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The name under which each instance is stored: its own, or `OTHER_INSTANCE` without room. Needs the apps' lock. */
  async place(context: WriteContext, all: readonly Named[]): Promise<PlaceOf> {
    const without = new Set<string>();
    const apps = Map.groupBy(all, ({ appId }) => appId);
    for (const [appId, named] of apps) {
      const instances = new Set(named.map(({ instance }) => instance));
      if (this.#take(appId, instances.size)) continue;
      this.#left.set(appId, this.#limit - (await count(context, appId)));
      if (this.#take(appId, instances.size)) continue;
      const known = await knownOf(context, appId, instances);
      let left = Math.max(0, this.#left.get(appId) ?? 0);
      for (const instance of instances) {
        if (known.has(instance)) continue;
        if (left > 0) left--;
        else without.add(keyOf(appId, instance));
      }
      this.#left.set(appId, left);
    }
    return ({ appId, instance }) =>
      without.size > 0 && without.has(keyOf(appId, instance)) ? OTHER_INSTANCE : instance;
  }

  #take(appId: number, instances: number): boolean {
    const left = this.#left.get(appId) ?? 0;
    if (left < instances) return false;
    this.#left.set(appId, left - instances);
    return true;
  }
}

async function count({ transaction }: WriteContext, appId: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from instances
    where app_id = ${appId} and instance <> ${OTHER_INSTANCE}`.execute(transaction);
  return rows[0]?.n ?? 0;
}

async function knownOf(
  { dialect, transaction }: WriteContext,
  appId: number,
  instances: ReadonlySet<string>,
): Promise<Set<string>> {
  const named = [...instances].map((instance) => ({ app_id: appId, instance }));
  const { rows } = await sql<{ instance: string }>`select i.instance
    ${joinStored(dialect, 'instances', 'i', named)}`.execute(transaction);
  return new Set(rows.map(({ instance }) => instance));
}

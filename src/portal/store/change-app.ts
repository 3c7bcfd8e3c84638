import type { Database, WriteTransaction } from './database/database.ts';
import { lockApps } from './number-apps.ts';

/** Changes what belongs to one app: with the app locked first, as ingest does, and so that open pages show it. */
export function changeApp<Result>(
  database: Database,
  appId: number,
  change: (transaction: WriteTransaction) => Promise<Result>,
): Promise<Result> {
  return database.writer.transaction().execute(async (transaction) => {
    await lockApps(database, transaction, [appId]);
    const result = await change(transaction);
    await transaction
      .updateTable('app_activity')
      .set((of) => ({ changes: of('changes', '+', 1) }))
      .where('app_id', '=', appId)
      .execute();
    return result;
  });
}

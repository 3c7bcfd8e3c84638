import type { RemoteRequest } from '../../../model/remote-request.ts';
import { changeApp } from '../change-app.ts';
import type { Database } from '../database/database.ts';
import { HOUR_MS, MOST_WAITING_REQUESTS } from '../limits.ts';
import { findApp, namesOfApps } from '../read/app-id.ts';
import type { Row } from '../schema/tables.ts';
import type { NewRequest, OpenRequest, RequestStore } from './request-store.ts';

const MOST_OPEN = 5_000;

export async function addRequest(
  database: Database,
  app: string,
  { request, instance, who, atMs }: NewRequest,
): ReturnType<RequestStore['addRequest']> {
  const appId = await findApp(database, app);
  if (appId === null) return 'no-instance';
  return changeApp(database, appId, async (transaction) => {
    const known = await transaction
      .selectFrom('instances')
      .select('instance')
      .where('app_id', '=', appId)
      .where('instance', '=', instance)
      .executeTakeFirst();
    if (known === undefined) return 'no-instance';
    const waiting = await transaction
      .selectFrom('remote_requests')
      .select(['instance', 'what'])
      .where('app_id', '=', appId)
      .where('state', '=', 'asked')
      .where('expires_at', '>', atMs)
      .execute();
    if (waiting.some((each) => each.instance === instance && each.what === request.what))
      return 'waits-already';
    if (waiting.length >= MOST_WAITING_REQUESTS) return 'too-many';
    const { id, account, what } = request;
    const [maxDumps, forMs] = what === 'session' ? [request.maxDumps, request.forMs] : [null, null];
    await transaction
      .insertInto('remote_requests')
      .values({
        ...{ app_id: appId, id, instance, what, account, who, at: atMs, state: 'asked' },
        ...{ max_dumps: maxDumps, for_ms: forMs, expires_at: atMs + HOUR_MS },
        ...{ why: null, answered_at: null },
      })
      .execute();
    return null;
  });
}

export async function readOpenRequests({ reader }: Database, nowMs: number): Promise<OpenRequest[]> {
  const rows = await reader
    .selectFrom('remote_requests')
    .selectAll()
    .where('state', '=', 'asked')
    .where('expires_at', '>', nowMs)
    .orderBy('at')
    .limit(MOST_OPEN)
    .execute();
  const names = await namesOfApps(
    reader,
    rows.map(({ app_id }) => app_id),
  );
  return rows.flatMap((row) => {
    const app = names.get(row.app_id);
    return app === undefined ? [] : [{ app, instance: row.instance, request: requestOf(row) }];
  });
}

function requestOf({ id, account, what, max_dumps, for_ms }: Row<'remote_requests'>): RemoteRequest {
  if (what === 'arm') return { id, account, what };
  return { id, account, what, maxDumps: max_dumps ?? 1, forMs: for_ms ?? HOUR_MS };
}

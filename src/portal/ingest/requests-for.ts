import { MOST_REQUESTS, type RemoteRequest } from '../../model/remote-request.ts';
import type { SentRecord } from '../../model/telemetry.ts';
import type { OpenRequest } from '../store/requests/request-store.ts';

/** Of what admins ask instances for: that for the one which sent these records, and gets the answer. */
export function requestsFor(sent: readonly SentRecord[], open: readonly OpenRequest[]): RemoteRequest[] {
  if (open.length === 0) return [];
  const sender = senderOf(sent);
  if (sender === null) return [];
  return open
    .filter(({ app, instance }) => app === sender.app && instance === sender.instance)
    .slice(0, MOST_REQUESTS)
    .map(({ request }) => request);
}

/** The one instance that goes on and gets the answer; null for a collector that passes records on, which is no agent. */
export function senderOf(sent: readonly SentRecord[]): { app: string; instance: string } | null {
  const senders = new Map(sent.filter(isRunning).map(({ source }) => [keyOf(source), source]));
  const [sender = null] = senders.values();
  return senders.size === 1 ? sender : null;
}

/** Is it from a crashmon that goes on? One of another sender counts no crashes. */
function isRunning({ record }: SentRecord): boolean {
  if (record.type === 'crash') return record.crashesInWindow > 0;
  return (record.type === 'heartbeat' || record.type === 'state') && record.stopped !== true;
}

const keyOf = ({ app, instance }: { app: string; instance: string }): string =>
  JSON.stringify([app, instance]);

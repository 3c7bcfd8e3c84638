import type { OtlpLogRecord, OtlpLogsRequest } from '../formats/otlp/otlp-json.ts';
import type { PublicRecord } from '../model/public-record.ts';
import { dumpToken } from '../model/public-session.ts';

/** Part of a request, as it is sent. */
export type LeavingRecord = {
  uid: string;
  what: string;
  /** ID of the crash that it is about. */
  crash: string;
  /** JSON of the log record, or of the attribute of a heartbeat that names the crash. */
  content: string;
  /** JSON of the attributes of the resource. */
  source: string;
};

export type LeavingRequest = {
  records: LeavingRecord[];
  /** What is about no single crash, by name. */
  others: Map<string, { count: number; bytes: number }>;
};

/** What of a request is about which crash. @param records in the order of the request */
export function leavingRequest(request: OtlpLogsRequest, records: readonly PublicRecord[]): LeavingRequest {
  const leaving: LeavingRequest = { records: [], others: new Map() };
  const written = request.resourceLogs.flatMap(({ resource, scopeLogs }) => {
    const source = JSON.stringify(resource.attributes);
    return scopeLogs.flatMap(({ logRecords }) => logRecords.map((log) => ({ log, source })));
  });
  for (const [index, { log, source }] of written.entries()) {
    const record = records[index];
    if (record !== undefined) add(leaving, record, log, source);
  }
  return leaving;
}

function add(leaving: LeavingRequest, record: PublicRecord, log: OtlpLogRecord, source: string): void {
  const content = JSON.stringify(log);
  const { uid } = record;
  const what = log.eventName;
  switch (record.type) {
    case 'crash':
      leaving.records.push({ uid, what, crash: crashOf(uid), content, source });
      return;
    case 'capture':
    case 'back':
      leaving.records.push({ uid, what, crash: crashOf(record.crashUid), content, source });
      return;
    case 'heartbeat':
      // It repeats for each dump that is kept which crash that is of.
      for (const dump of record.dumps ?? []) {
        const part = JSON.stringify({ 'crashmon.dumps': dumpToken(dump) });
        const crash = crashOf(dump.crashUid);
        leaving.records.push({ uid: `${dump.crashUid}-d`, what, crash, content: part, source });
      }
      break;
    case 'state':
    case 'loss':
      break;
  }
  const before = leaving.others.get(what) ?? { count: 0, bytes: 0 };
  const bytes = before.bytes + Buffer.byteLength(content);
  leaving.others.set(what, { count: before.count + 1, bytes });
}

/** The ID is the second half of the uid, see `privacy/publish-crash.ts`. */
function crashOf(uid: string): string {
  return uid.slice(12, 24);
}

import { encodeStatus } from '../encode.ts';
import { keyOf } from '../key-of.ts';
import type { Batch } from './batch.ts';
import { causeOf } from './cause.ts';
import type { Grouped, GroupResolver } from './resolve-groups.ts';
import { type BatchCrash, findingOf, type NewCrash } from './stored-crash.ts';

/** Takes the captures and restarts of the batch's crashes out of the batch. */
export function pairCrashes(batch: Batch): BatchCrash[] {
  return batch.crashes.map((sent) => {
    const key = keyOf(sent.appId, sent.record.uid);
    const capture = takeFrom(batch.captures, key);
    const record = { ...sent.record, ...capture?.record.revised };
    return { sent: { ...sent, record }, capture, back: takeFrom(batch.backs, key) };
  });
}

function takeFrom<Item>(items: Map<string, Item>, key: string): Item | null {
  const found = items.get(key) ?? null;
  items.delete(key);
  return found;
}

/** Finds the group and the cause of each crash; a captured crash also gets the group that it would have without. */
export async function groupCrashes(
  resolver: GroupResolver,
  crashes: readonly BatchCrash[],
): Promise<NewCrash[]> {
  const wanted = crashes.map((crash) => {
    const { appId, record } = crash.sent;
    const alone: Grouped = { appId, kind: record.kind, signatures: record.signatures };
    const { capture } = crash;
    return {
      crash,
      alone,
      whole: capture === null ? alone : { ...alone, signatures: capture.record.signatures },
    };
  });
  const captured = wanted.filter(({ alone, whole }) => alone !== whole);
  const groups = await resolver.resolve([
    ...wanted.map(({ whole }) => whole),
    ...captured.map(({ alone }) => alone),
  ]);
  return wanted.map(({ crash, alone, whole }): NewCrash => {
    const { sent, capture } = crash;
    const { appId, atMs, instance, version, record } = sent;
    const status = encodeStatus(record.status);
    const finding = findingOf(capture?.record ?? null, status);
    const group = groups.get(whole) ?? '';
    return {
      ...crash,
      ...{ appId, uid: record.uid, atMs, instance, version, kind: record.kind, status, finding },
      ...{ signatures: whole.signatures, report: capture?.record.report ?? null, group },
      groupBefore: capture === null ? null : (groups.get(alone) ?? ''),
      cause: causeOf(group, record.kind, status, finding),
    };
  });
}

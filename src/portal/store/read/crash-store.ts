import type { CrashKind } from '../../../model/exit.ts';
import type { crashDetailOf, crashEventOf } from '../crash-row.ts';

/** From `fromMs` on, before `toMs`; Unix time in milliseconds. */
export type TimeRange = { fromMs: number; toMs: number };

export type CrashEvent = ReturnType<typeof crashEventOf>;
export type CrashDetail = ReturnType<typeof crashDetailOf>;

export type CrashFilter = {
  range: TimeRange;
  kind?: CrashKind | undefined;
  signature?: string | undefined;
  instance?: string | undefined;
  version?: string | undefined;
  /** Only those with (true) or without (false) a report. */
  hasReport?: boolean | undefined;
};

/** Newest first; pass `next` as `after` for the rest; null at the end. */
export type Page<Item> = { items: Item[]; next: string | null };

export type CrashStore = {
  crashes(app: string, filter: CrashFilter, limit: number, after?: string): Promise<Page<CrashEvent>>;
  crash(app: string, uid: string): Promise<CrashDetail | null>;
};

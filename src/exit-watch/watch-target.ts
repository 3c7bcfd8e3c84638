/** A process, identified by its start time (`startTicks` of `readProcessStat`). */
export type WatchTarget = { readonly pid: number; readonly startTicks: number };

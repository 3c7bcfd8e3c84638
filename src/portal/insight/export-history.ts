import { causeLabel } from '../../explain/cause-label.ts';
import { exitWords } from '../../explain/exit-words.ts';
import { processWords } from '../../explain/process-words.ts';
import type { CrashEvent, CrashFilter, CrashStore, Page } from '../store/read/crash-store.ts';

/** The newest so many crashes; more is a job for the API. */
export const MOST_EXPORTED = 100_000;
const AT_ONCE = 500;

const COLUMNS: readonly (readonly [string, (event: CrashEvent) => string | number | boolean | null])[] = [
  ['time', ({ atMs }) => new Date(atMs).toISOString()],
  ['crash', ({ crashId }) => crashId],
  ['instance', ({ instance }) => instance],
  ['version', ({ version }) => version],
  ['process', ({ process }) => processWords(process) ?? 'main'],
  ['kind', ({ kind }) => kind],
  ['exit', ({ status }) => exitWords(status)],
  ['cause', causeLabel],
  ['signature', ({ signature }) => signature],
  ['title', ({ title }) => title],
  ['suspected', ({ suspected }) => suspected],
  ['call_stack', ({ hasStack }) => hasStack],
  ['crashes_in_window', ({ crashesInWindow }) => crashesInWindow],
  ['back_after_ms', ({ backAfterMs }) => backAfterMs],
  ['connections_cut', ({ impact }) => impact?.connectionsCut ?? null],
  ['served_after_ms', ({ impact }) => impact?.servedAfterMs ?? null],
];

/** RFC 4180; an apostrophe stands before what a spreadsheet would take for a formula. */
export async function* csvExport(store: Crashes, app: string, filter: CrashFilter): AsyncGenerator<string> {
  yield `${COLUMNS.map(([name]) => name).join(',')}\r\n`;
  for await (const { items } of pages(store, app, filter)) {
    yield items.map((event) => `${COLUMNS.map(([, value]) => csvCell(value(event))).join(',')}\r\n`).join('');
  }
}

/** `next` is null where this is all, else what the API goes on from. */
export async function* jsonExport(store: Crashes, app: string, filter: CrashFilter): AsyncGenerator<string> {
  yield `{"app":${JSON.stringify(app)},"crashes":[`;
  let separator = '\n';
  let rest: string | null = null;
  for await (const { items, next } of pages(store, app, filter)) {
    rest = next;
    if (items.length === 0) continue;
    yield separator + items.map((event) => JSON.stringify(event)).join(',\n');
    separator = ',\n';
  }
  yield `\n],"next":${JSON.stringify(rest)}}\n`;
}

type Crashes = Pick<CrashStore, 'crashes'>;

async function* pages(store: Crashes, app: string, filter: CrashFilter): AsyncGenerator<Page<CrashEvent>> {
  let after: string | undefined;
  for (let count = 0; count < MOST_EXPORTED; count += AT_ONCE) {
    const page = await store.crashes(app, filter, AT_ONCE, after);
    yield page;
    if (page.next === null) return;
    after = page.next;
  }
}

/** At the start of a cell, also of one that a spreadsheet makes of ours: many split at semicolons or tabs. */
const FORMULA = /(^|[;\t\r\n])([\s\p{Cc}"']*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/gu;

export function csvCell(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const marked = value.replaceAll(FORMULA, "$1'$2");
  const safe = /^[\t\r\n]/.test(marked) ? `'${marked}` : marked;
  return `"${safe.replaceAll('"', '""')}"`;
}

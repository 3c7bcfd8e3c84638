import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CrashEvent, CrashFilter, Page } from '../store/read/crash-store.ts';
import { csvCell, csvExport, jsonExport, MOST_EXPORTED } from './export-history.ts';

const FILTER: CrashFilter = { range: { fromMs: 0, toMs: 1 } };
const event = (at: number): CrashEvent => ({
  ...{ uid: `u${at}`, crashId: `c${at}`, atMs: at, instance: 'web-1', version: null, kind: 'exception' },
  ...{ status: { type: 'code', code: 1 }, exceptionType: null, code: null, signal: null, signature: 's' },
  ...{ title: 't', suspected: false, armed: false, captured: false, hasReport: false, hasStack: false },
  ...{ backAfterMs: null, crashesInWindow: 1, process: { role: 'main' }, impact: null },
  settings: { armAfter: 3, windowMs: 1, cooldownMs: 1 },
});

/** Has so many crashes; counts how often it is asked. */
function storeOf(total: number) {
  const asked: number[] = [];
  return {
    asked,
    async crashes(_: string, __: CrashFilter, limit: number, after = '0'): Promise<Page<CrashEvent>> {
      const from = Number(after);
      asked.push(from);
      const items = Array.from({ length: Math.min(limit, total - from) }, (_, at) => event(from + at));
      return { items, next: from + limit < total ? String(from + limit) : null };
    },
  };
}

async function textOf(parts: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const part of parts) text += part;
  return text;
}

test('an export is read in pieces, and bounded', async () => {
  for (const total of [0, 1, 500, 1201]) {
    const rows = (await textOf(csvExport(storeOf(total), 'shop', FILTER))).split('\r\n');
    assert.equal(rows.length - 2, total);
    const { crashes, next } = JSON.parse(await textOf(jsonExport(storeOf(total), 'shop', FILTER)));
    assert.deepEqual([crashes.length, next], [total, null]);
  }
  const { crashes, next } = JSON.parse(await textOf(jsonExport(storeOf(MOST_EXPORTED + 1), 'shop', FILTER)));
  assert.deepEqual([crashes.length, next], [MOST_EXPORTED, String(MOST_EXPORTED)]);
});

test('who goes away ends the reading', async () => {
  const store = storeOf(5000);
  const parts = csvExport(store, 'shop', FILTER);
  await parts.next();
  await parts.next();
  await parts.return(undefined);
  assert.deepEqual(store.asked, [0]);
});

test('a cell is no formula and holds what it was, whatever it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const cell = csvCell(text);
      assert.ok(cell.startsWith('"') && cell.endsWith('"'));
      const inner = cell.slice(1, -1);
      assert.ok(!inner.replaceAll('""', '').includes('"'));
      const read = inner.replaceAll('""', '"');
      assert.equal(read.replaceAll("'", ''), text.replaceAll("'", ''));
      assert.doesNotMatch(read, /(?:^|[;\t\r\n])[\s"]*[=+\-@]/);
    }),
  );
  for (const formula of ['=1+1', '@SUM(A1)', '+1', '-1', '\t=1', '\r=1', ' =1', '＝1'])
    assert.equal(csvCell(formula), `"'${formula}"`);
  assert.deepEqual(
    [csvCell('x;=1+1'), csvCell('x;\t"=1'), csvCell('a-b; c=d')],
    [`"x;'=1+1"`, `"x;'\t""=1"`, '"a-b; c=d"'],
  );
  assert.deepEqual([csvCell(null), csvCell(-5), csvCell(true)], ['', '-5', 'true']);
});

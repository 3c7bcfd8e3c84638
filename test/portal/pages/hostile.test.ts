import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { parseRedactedReport } from '../../../src/privacy/parse-redacted-report.ts';
import { complaintsOf, faults, openContext, startBrowser } from '../../support/portal/browser.ts';
import { type PagesPortal, startPagesPortal } from '../../support/portal/pages-portal.ts';
import {
  captureRecord,
  crashRecord,
  heartbeatRecord,
  redactedReport,
  sent,
} from '../../support/portal/records.ts';

/** Each would run, break out of where it stands, turn its surroundings round or become a formula. */
const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)' x='",
  '</title></textarea></option></select><script>alert(2)</script>',
  'javascript:alert(1)//',
  '\u202Etxt.exe\u2066 \u200Bzero\u200Bwidth \u0007bell',
  '{{constructor.constructor("alert(1)")()}}',
  '=HYPERLINK("http://evil.example","x")',
  '&lt;b&gt; &#x3c;script&#x3e;',
  `${'long-name-without-a-space-'.repeat(8)}`.slice(0, 200),
  '../../etc/passwd?x=1&y=2#z%2f%00',
  '\u200B\u00A0\u3164',
];

let portal: PagesPortal;
let browser: Browser;
let cookie: { name: string; value: string };

before(async () => {
  portal = await startPagesPortal();
  browser = await startBrowser();
  cookie = await portal.signIn('<b>"ada"', [{ app: '*', role: 'admin' }]);
  const now = Date.now();
  const records = HOSTILE.flatMap((text, at) => {
    const source = { app: text, instance: text, version: text };
    const frame = { ...redactedReport('x').frames[0], function: text, file: text, module: text };
    const native = { image: text, offset: '0x10', buildId: 'abcdef', inlined: true };
    const exception = { exceptionType: text, code: text, frames: [frame], members: [] };
    const report = parseRedactedReport({
      ...redactedReport('x'),
      ...{
        exceptionType: text,
        code: text,
        signal: text,
        runtime: { name: 'node', version: text },
        source: 'capture',
        problems: [text],
      },
      hold: { ms: 11 },
      frames: [frame, { ...frame, inApp: false, native }, { ...frame, inApp: false, repeat: 9 }],
      causes: [exception],
      members: [exception],
      otherThreads: [{ count: 2, frames: [frame] }],
    });
    const signatures = [`v1:${text}`];
    const crash = crashRecord(`uid-${at}`, now - 60_000, {
      armed: true,
      captured: true,
      crashId: text,
      reason: { code: text as never },
      signatures,
      title: text,
    });
    const plain = crashRecord(`plain-${at}`, now - 70_000, {
      crashId: text,
      reason: { code: text as never },
      signatures,
      title: text,
      status: { type: 'signal', signal: text },
    });
    const capture = captureRecord(`uid-${at}`, now - 59_000, { report, signatures, title: text });
    const beat = heartbeatRecord(`beat-${at}`, now, { crashmonVersion: text });
    return [crash, plain, capture, beat].map((record) => sent(record, source));
  });
  await portal.store.write(records);
});
after(async () => {
  await browser?.close();
  await portal?.[Symbol.asyncDispose]();
});

test('whatever an instance sends runs nothing and breaks no page, on a phone too', async () => {
  const context = await openContext(browser, portal.url, cookie, {
    width: 390,
    colors: 'light',
    scripts: true,
  });
  const page = await context.newPage();
  const said = complaintsOf(page);
  const now = Date.now();
  const apps = await portal.store.apps('*', now);
  assert.equal(apps.length, HOSTILE.length);
  await visit('/');
  for (const { app } of apps) {
    const root = `/apps/${encodeURIComponent(app)}`;
    const [signature] = await portal.store.signatures(app, { fromMs: 0, toMs: now + 60_000 }, 1, now);
    assert.ok(signature !== undefined, app);
    await portal.store.setNote(app, signature.id, app);
    const { items } = await portal.store.crashes(
      app,
      { range: { fromMs: 0, toMs: now + 60_000 }, hasReport: false },
      1,
    );
    const below = [
      '',
      `?crash=${encodeURIComponent(items[0]?.uid ?? '')}`,
      ...(app === apps[0]?.app ? ['/instances', '/history'] : []),
      `/instances/${encodeURIComponent(app)}`,
      `/history?version=${encodeURIComponent(app)}&instance=${encodeURIComponent(app)}&signature=${encodeURIComponent(app)}`,
      `/signatures/${signature.id}`,
    ];
    for (const path of below) await visit(root + path);
  }
  assert.deepEqual(said, []);
  await context.close();

  async function visit(path: string): Promise<void> {
    const answer = await page.goto(portal.url + path);
    assert.equal(answer?.status(), 200, path);
    assert.deepEqual(await faults(page), { duplicates: [], overflow: 0 }, path);
    const foreign = await page
      .locator('main script, main img, main b:has-text("ada"), [onmouseover], a[href^="javascript"]')
      .count();
    assert.equal(foreign, 0, path);
    const unseen = await page.evaluate(`[...document.querySelectorAll('main :is(a, h1, h2)')]
      .filter((each) => !/[^\\s\\p{C}\\u3164]/u.test(each.textContent)).map((each) => each.outerHTML)`);
    assert.deepEqual(unseen, [], path);
    assert.ok(!/[\u202A-\u202E\u2066-\u2069]/.test(await page.content()), path);
    assert.equal(await page.locator('h1').count(), 1, path);
    assert.equal(await page.locator('footer').count(), 1, path);
  }
});

test('in exports nothing is a formula, and nothing leaves its cell', async () => {
  for (const text of HOSTILE) {
    const headers = { cookie: `${cookie.name}=${cookie.value}` };
    const csv = await (
      await fetch(`${portal.url}/apps/${encodeURIComponent(text)}/history.csv`, { headers })
    ).text();
    const [head = '', ...rows] = csv.trimEnd().split('\r\n');
    assert.equal(rows.length, 2, text);
    for (const row of rows) {
      const cells =
        row
          .match(/(?:"(?:[^"]|"")*"|[^",]*)(?=,|$)/g)
          ?.filter((_, at, all) => at === 0 || all[at - 1] !== undefined) ?? [];
      assert.equal(row.replace(/"(?:[^"]|"")*"/g, 'q').split(',').length, head.split(',').length, row);
      assert.ok(
        cells.every((cell) => !/^"?[=+\-@]/.test(cell)),
        row,
      );
    }
    const answer = await fetch(`${portal.url}/apps/${encodeURIComponent(text)}/history.json`, { headers });
    const { crashes } = (await answer.json()) as { crashes: { title: string }[] };
    assert.equal(crashes.length, 2);
  }
});

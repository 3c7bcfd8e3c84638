import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { mailHtml } from '../../src/notify/mail/mail-html.ts';
import { composeMessage } from '../../src/notify/message/compose-message.ts';
import type { Notification } from '../../src/notify/notification.ts';
import { IS_COMPLETE, matrix } from '../support/matrix.ts';
import { newContext, startBrowser } from '../support/portal/browser.ts';
import { hostileNotification } from './hostile-notification.ts';
import {
  CRASH_NOTIFICATIONS,
  crashNotification,
  DIGEST,
  EMPTY_DIGEST,
  TEST_NOTIFICATION,
} from './sample-notifications.ts';

const NOTICES: Readonly<Record<string, Notification>> = {
  ...CRASH_NOTIFICATIONS,
  digest: DIGEST,
  'empty digest': EMPTY_DIGEST,
  test: TEST_NOTIFICATION,
};

/** What a page did that a mail must not do. */
type Shown = { requests: string[]; ran: string[]; tooWideBy: number; contrast: number; text: string };

describe('a mail in a browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await startBrowser();
  });

  after(() => browser?.close());

  /** One page for all that is shown; what any of it asked for or ran belongs to what is shown then. */
  async function viewer(
    options: BrowserContextOptions,
  ): Promise<AsyncDisposable & { show: (notification: Notification, more?: string) => Promise<Shown> }> {
    const context = await newContext(browser, options);
    const page = await context.newPage();
    let requests: string[] = [];
    let ran: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('dialog', (dialog) => {
      ran.push(dialog.message());
      void dialog.dismiss();
    });
    page.on('console', (message) => ran.push(message.text()));
    page.on('pageerror', (error) => ran.push(error.message));
    return {
      async show(notification, more = '') {
        requests = [];
        ran = [];
        await page.setContent(mailHtml(composeMessage(notification)) + more, { waitUntil: 'load' });
        return { requests, ran, ...(await page.evaluate(look)) };
      },
      [Symbol.asyncDispose]: () => context.close(),
    };
  }

  for (const [width, colorScheme] of matrix([320, 390, 800], ['light', 'dark'] as const)) {
    test(`is as wide as the screen and can be read: ${width} pixels, ${colorScheme}`, async () => {
      await using page = await viewer({ viewport: { width, height: 600 }, colorScheme });
      for (const [name, notification] of Object.entries(NOTICES)) {
        const { requests, ran, tooWideBy, contrast } = await page.show(notification);
        assert.deepEqual([name, requests, ran], [name, [], []]);
        assert.ok(tooWideBy <= 0, `${name} is ${tooWideBy} pixels too wide`);
        assert.ok(contrast >= 4.5, `${name}: contrast ${contrast}`);
      }
    });
  }

  test('asks for nothing and runs nothing, whatever the names are', async () => {
    await using page = await viewer(PHONE);
    await fc.assert(
      fc.asyncProperty(hostileNotification, async ({ hostile }) => {
        const { requests, ran, tooWideBy } = await page.show(hostile);
        assert.deepEqual([requests, ran], [[], []]);
        assert.ok(tooWideBy <= 0, `${tooWideBy} pixels too wide`);
      }),
      { numRuns: IS_COMPLETE ? 100 : 30 },
    );
  });

  test('that did run something would be noticed', async () => {
    await using page = await viewer(PHONE);
    const { ran } = await page.show(
      { ...crashNotification(), app: 'x' },
      '<script>console.log("ran")</script>',
    );
    assert.deepEqual(ran, ['ran']);
  });

  test('shows names as they are', async () => {
    await using page = await viewer(PHONE);
    const { text } = await page.show(crashNotification({ app: '<b>Tom & "Jerry"</b>' }));
    assert.match(text, /<b>Tom & "Jerry"<\/b> crashed: uncaught TypeError/);
  });
});

const PHONE = { viewport: { width: 390, height: 600 } };

/** Runs in the page: how far it is too wide, and the weakest contrast of any text on what is behind it (WCAG 2). */
function look(): { tooWideBy: number; contrast: number; text: string } {
  const { document, getComputedStyle, innerWidth } = globalThis as unknown as Page;
  const numbers = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color: string) => {
    const [r = 0, g = 0, b = 0] = numbers(color).map((part) => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element: Element | null): string => {
    if (element === null) return 'rgb(255, 255, 255)';
    const { backgroundColor } = getComputedStyle(element);
    return numbers(backgroundColor)[3] === 0 ? behind(element.parentElement) : backgroundColor;
  };
  let contrast = 21;
  for (const element of document.body.querySelectorAll('*')) {
    const hasText = [...element.childNodes].some(
      ({ nodeType, textContent }) => nodeType === 3 && textContent?.trim() !== '',
    );
    if (!hasText || element.getClientRects().length === 0) continue;
    const [one, other] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
    contrast = Math.min(contrast, (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05));
  }
  return {
    tooWideBy: document.documentElement.scrollWidth - innerWidth,
    contrast,
    text: document.body.textContent ?? '',
  };
}

/** As much of a page as is looked at; the project is checked without the types of browsers. */
type Element = {
  parentElement: Element | null;
  childNodes: Iterable<{ nodeType: number; textContent: string | null }>;
  getClientRects(): { length: number };
};
type Page = {
  innerWidth: number;
  getComputedStyle(element: Element): { color: string; backgroundColor: string };
  document: {
    documentElement: { scrollWidth: number };
    body: { textContent: string | null; querySelectorAll(selector: string): Iterable<Element> };
  };
};

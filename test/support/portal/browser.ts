import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LIMIT_MS = 120_000;
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What colors and width decide. */
export const LOOK_RULES = ['color-contrast', 'target-size'];

export type Look = { width: number; colors: 'light' | 'dark'; scripts: boolean };

export async function startBrowser(): Promise<Browser & AsyncDisposable> {
  const browser = await chromium.launch({
    // Without what a window needs: it takes half the processor time.
    executablePath: '/usr/bin/chromium-headless-shell',
    // As root it has no sandbox; and the pages are of this machine.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
    timeout: LIMIT_MS,
  });
  return Object.assign(browser, { [Symbol.asyncDispose]: () => browser.close() });
}

/** With time for the pages of a busy machine. */
export async function newContext(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(LIMIT_MS);
  return context;
}

export async function openContext(
  browser: Browser,
  url: string,
  cookie: { name: string; value: string },
  { width, colors, scripts }: Look = { width: 1280, colors: 'light', scripts: true },
): Promise<BrowserContext> {
  const context = await newContext(browser, {
    viewport: { width, height: 844 },
    colorScheme: colors,
    javaScriptEnabled: scripts,
    // Nothing is measured while it changes.
    reducedMotion: 'reduce',
  });
  await context.addCookies([{ ...cookie, url }]);
  return context;
}

/** Everything that a page should never say: errors, refused resources, dialogs. */
export function complaintsOf(page: Page): string[] {
  const said: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') said.push(message.text());
  });
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('dialog', (dialog) => {
    said.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return said;
}

/** Of axe, a line each: of all its rules, or of those that are named. Throws where it looked at nothing. */
export async function violations(page: Page, rules: readonly string[] | null = null): Promise<string[]> {
  if (!(await page.evaluate(`'axe' in window`))) await page.evaluate(AXE);
  const options = { runOnly: rules ?? RULES, resultTypes: ['violations'] };
  const found = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as {
    passes: unknown[];
    violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
  };
  if (found.passes.length < (rules?.length ?? 10)) throw new Error('axe looked at nothing');
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
}

/** Ids that occur more than once, and how far the page is wider than its window. */
export async function faults(page: Page): Promise<{ duplicates: string[]; overflow: number }> {
  return (await page.evaluate(`(() => {
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
    const root = document.documentElement;
    return { duplicates: ids.filter((id, at) => ids.indexOf(id) !== at), overflow: Math.max(0, root.scrollWidth - root.clientWidth) };
  })()`)) as { duplicates: string[]; overflow: number };
}

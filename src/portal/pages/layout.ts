import { isOwner, mayAdminister } from '../access/roles.ts';
import type { Account } from '../store/portal-store.ts';
import { type Html, html } from './html.ts';
import { mark } from './icons.ts';
import { appUrl, historyUrl, instancesUrl, settingsUrl } from './urls.ts';

export const APP_TABS = ['crashes', 'instances', 'history', 'settings'] as const;
export type AppTab = (typeof APP_TABS)[number];

export type PageParts = {
  /** What the page is about, without the product's name. */
  title: string;
  /** See `PortalParts`. */
  assetUrl: (name: string) => string;
  /** Stands in `<main>`; begins with the page's `<h1>`. */
  body: Html;
  /** Who is signed in; null where nobody is: then there is no navigation. */
  account?: Account | null;
  /** The hidden field of forms, for signing out. */
  csrf?: Html | null;
  /** The app that the page is about. */
  app?: string | null;
  /** Which of the app's tabs it is; null for a page below one. */
  tab?: AppTab | null;
  /** `/live?…`: the page is fetched again when this says that something changed. */
  live?: string | null;
  /** Narrow, for forms. */
  narrow?: boolean;
};

/** A whole page, to be sent as `text/html; charset=utf-8`. */
export function layout(page: PageParts): string {
  const { title, assetUrl, body, account = null, live = null, narrow = false } = page;
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="same-origin">
<title>${title} · Crashmon</title>
<link rel="icon" href="${assetUrl('favicon.svg')}" type="image/svg+xml">
${STYLES.map(
  (name) => html`<link rel="stylesheet" href="${assetUrl(name)}">
`,
)}<script type="module" src="${assetUrl('portal.js')}"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
${header(page, account)}
${tabs(page, account)}
<main id="content" tabindex="-1"${narrow && html` class="narrow"`}${live !== null && html` data-live="${live}"`}>
${body}
</main>
<footer class="foot">
<p>Crashmon keeps messages, arguments and memory on the instance; what you see here never held them.</p>
${account !== null && html`<p><a href="/api">API</a></p>`}
</footer>
<p id="live-said" class="aside" role="status" aria-live="polite"></p>
<p id="live-status" class="live-status" role="status" aria-live="polite"></p>
</body>
</html>
`;
  return document.toString();
}

const STYLES = ['uPlot.min.css', 'portal.css', 'data.css', 'stack.css'] as const;

function header({ csrf = null }: PageParts, account: Account | null): Html {
  return html`<header class="top">
<a class="brand" href="/">${mark()}<span>Crashmon</span></a>
${
  account !== null &&
  html`<nav class="top-nav" aria-label="Portal"><ul>
<li><a href="/">Apps</a></li>
${isOwner(account) && html`<li><a href="/admin">Admin</a></li>`}
<li><a href="/account"><bdi class="clip">${account.name}</bdi></a></li>
${
  csrf !== null &&
  html`<li><form method="post" action="/sign-out">${csrf}<button class="plain" type="submit">Sign out</button></form></li>`
}
</ul></nav>`
}
</header>`;
}

function tabs({ app = null, tab = null }: PageParts, account: Account | null): Html | null {
  if (app === null || account === null) return null;
  const shown = APP_TABS.filter((name) => name !== 'settings' || mayAdminister(account, app));
  const hrefs = { crashes: appUrl, instances: instancesUrl, history: historyUrl, settings: settingsUrl };
  return html`<nav class="tabs" aria-label="App"><ul>
${shown.map(
  (name) =>
    html`<li><a href="${hrefs[name](app)}"${name === tab && html` aria-current="page"`}>${TAB_NAMES[name]}</a></li>
`,
)}</ul></nav>`;
}

const TAB_NAMES: Readonly<Record<AppTab, string>> = {
  crashes: 'Crashes',
  instances: 'Instances',
  history: 'History',
  settings: 'Settings',
};

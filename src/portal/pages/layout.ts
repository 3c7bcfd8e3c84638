import { type Html, html } from '../../formats/html.ts';
import { mayCreateApiTokens } from '../access/domain/api-token-access.ts';
import { isOwner, mayAdminister } from '../access/domain/roles.ts';
import type { Account } from '../store/access/access-store.ts';
import { appUrl, historyUrl, instancesUrl, notificationsUrl, sessionsUrl, settingsUrl } from '../urls.ts';
import { mark } from './icons.ts';

export const APP_TABS = ['crashes', 'instances', 'history', 'sessions', 'notifications', 'settings'] as const;
export type AppTab = (typeof APP_TABS)[number];

export type PageParts = {
  /** What the page is about, without the product's name. */
  title: string;
  /** See `PortalParts`. */
  assetUrl: (name: string) => string;
  /** Stands in `<main>`; begins with the page's `<h1>`. */
  body: Html;
  /** null: not signed in, so there is no navigation. */
  account?: Account | null;
  /** The hidden field of forms, for signing out. */
  csrf?: Html | null;
  /** The app that the page is about. */
  app?: string | null;
  /** Which of the app's tabs it is, or belongs to. */
  tab?: AppTab | null;
  /** It is a page below its tab's. */
  isBelow?: boolean;
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
<a class="skip" href="#content">Skip to content</a>
${header(page, account)}
${tabs(page, account)}
<main id="content" tabindex="-1"${narrow && html` class="narrow"`}${live !== null && html` data-live="${live}"`}>
${body}
</main>
<footer class="foot">
<p>Exception messages and arguments stay on the instance. Memory of a process comes here only encrypted, if its operator and that of this portal allow it.</p>
</footer>
<p id="live-said" class="aside" role="status" aria-live="polite"></p>
<p id="live-status" class="live-status" role="status" aria-live="polite"></p>
</body>
</html>
`;
  return document.toString();
}

const STYLES = [
  'uPlot.min.css',
  'base.css',
  'portal.css',
  'forms.css',
  'data.css',
  'charts.css',
  'pages.css',
  'insight.css',
  'stack.css',
  'access.css',
  'print.css',
] as const;

function header({ csrf = null, live = null }: PageParts, account: Account | null): Html {
  return html`<header class="top">
<a class="brand" href="/">${mark()}<span>Crashmon</span></a>
${
  account !== null &&
  html`<div class="top-end">${live !== null && html`<span id="live-sign" class="live-sign" hidden>Live</span>`}
<nav aria-label="Account"><details class="menu"><summary><span class="aside">Signed in as </span><bdi class="clip">${account.name}</bdi></summary>
<ul class="card">
<li><a href="/">Apps</a></li>
<li><a href="/account">Your account</a></li>
${isOwner(account) && html`<li><a href="/admin">Administration</a></li>`}
<li><a href="/api">API</a></li>
${mayCreateApiTokens(account) && html`<li><a href="/api-tokens">API tokens</a></li>`}
${
  csrf !== null &&
  html`<li><form method="post" action="/sign-out">${csrf}<button class="plain" type="submit">Sign out</button></form></li>`
}
</ul></details></nav></div>`
}
</header>`;
}

function tabs({ app = null, tab = null, isBelow = false }: PageParts, account: Account | null): Html | null {
  if (app === null || account === null) return null;
  const shown = APP_TABS.filter((name) => name !== 'settings' || mayAdminister(account, app));
  return html`<nav class="tabs" aria-label="App"><ul>
${shown.map(
  (name) =>
    html`<li><a href="${TAB_URLS[name](app)}"${name === tab && html` aria-current="${isBelow ? 'true' : 'page'}"`}>${TAB_NAMES[name]}</a></li>
`,
)}</ul></nav>`;
}

const TAB_NAMES: Readonly<Record<AppTab, string>> = {
  crashes: 'Crashes',
  instances: 'Instances',
  history: 'History',
  sessions: 'Sessions',
  notifications: 'Notifications',
  settings: 'Settings',
};

const TAB_URLS: Readonly<Record<AppTab, (app: string) => string>> = {
  crashes: appUrl,
  instances: instancesUrl,
  history: historyUrl,
  sessions: sessionsUrl,
  notifications: notificationsUrl,
  settings: settingsUrl,
};

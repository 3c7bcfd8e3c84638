import { type Html, html } from '../../formats/html.ts';
import { plural } from '../../formats/quantity-words.ts';
import { DUMP_EXTENSIONS } from '../../model/dump.ts';
import { groupDumps, isKept, SESSION_DAYS } from '../insight/group-dumps.ts';
import type { DumpSummary, SessionSummary, Sessions } from '../store/read/dump-store.ts';
import { appUrl, instanceUrl, liveUrl } from '../urls.ts';
import { dumpTable } from './dump-table.ts';
import { layout } from './layout.ts';
import type { PageContext } from './page-context.ts';
import { type RequestFormData, requestForm, requestTable } from './request-form.ts';
import { ago, moment } from './time-view.ts';
import { userText } from './user-text.ts';

export type SessionsPageData = Sessions & {
  app: string;
  /** null for viewers. */
  form: RequestFormData | null;
  /** The portal keeps encrypted dumps that instances send. */
  takesDumps: boolean;
  /** Is the person allowed to download them? */
  mayDownload: boolean;
};

/** Sessions of an app that keep dumps, and the dumps: what instances say of them. */
export function sessionsPage(data: SessionsPageData, context: PageContext): string {
  const { app, sessions, dumps, requests, form, takesDumps, mayDownload } = data;
  const { nowMs, csrf } = context;
  const stay = takesDumps
    ? html`They stay there. A session with <code>--portal-dumps</code> sends them here, too, encrypted to a key that this portal does not have.`
    : 'They stay there: this page knows only that they exist.';
  const running = sessions.filter(({ state }) => state === 'running');
  const ended = sessions.filter(({ state }) => state !== 'running');
  const body = html`<div class="head"><div><p class="crumb"><a href="/">Apps</a> / <a href="${appUrl(app)}">${userText(app)}</a></p><h1>Sessions</h1>
<p class="lead">In a session, an instance keeps the dumps of its crashes. ${stay}</p></div></div>
<section class="section"><h2>Running</h2>${running.length === 0 ? html`<p class="card padded soft">No session is running. To start one on the instance: <code>crashmon session start APP</code></p>` : sessionTable(app, running, 'Running sessions', nowMs)}</section>
<section class="section"><div class="section-head"><h2>Dumps</h2><p class="small soft">last ${SESSION_DAYS} days</p></div>
${dumps.length === 0 ? html`<p class="card padded soft">No dump was kept.</p>` : html`${howToOpen(dumps)}${groupDumps(dumps).map(({ exit, dumps: of }) => html`<div class="dump-group"><h3><bdi>${exit}</bdi> <span class="small soft">${plural(of.length, 'dump')}</span></h3>${dumpTable(app, { exit, dumps: of }, { nowMs, csrf, mayDownload })}</div>`)}${mayDownload && howToDecrypt(dumps)}`}</section>
${(form !== null || requests.length > 0) && html`<section class="section" id="requests"><div class="section-head"><h2>Requests</h2><p class="small soft">last ${SESSION_DAYS} days</p></div>${form !== null && requestForm(app, form, context)}${requests.length > 0 && html`<div class="below">${requestTable(app, requests, nowMs)}</div>`}</section>`}
${ended.length > 0 && html`<section class="section"><div class="section-head"><h2>Earlier sessions</h2><p class="small soft">last ${SESSION_DAYS} days</p></div>${sessionTable(app, ended, 'Earlier sessions', nowMs)}</section>`}`;
  const live = liveUrl(app, context.version);
  return layout({ ...context, title: `${app}: sessions`, body, app, tab: 'sessions', live });
}

function sessionTable(
  app: string,
  sessions: readonly SessionSummary[],
  caption: string,
  nowMs: number,
): Html {
  return html`<div class="card table-wrap"><table><caption class="aside">${caption}, newest first</caption>
<thead><tr><th scope="col">Instance</th><th scope="col">Dumps</th><th scope="col">End</th><th scope="col" class="wide">Start</th><th scope="col" class="wide">Started by</th></tr></thead>
<tbody>${sessions.map(
    (
      session,
    ) => html`<tr><th scope="row"><a href="${instanceUrl(app, session.instance)}">${userText(session.instance)}</a></th>
<td>${session.kept} of ${session.maxDumps}</td><td>${endView(session)}</td>
<td class="wide">${ago(session.startedAtMs, nowMs)}</td><td class="wide">${session.startedBy === null ? 'on the instance' : html`<bdi>${session.startedBy}</bdi>`}</td></tr>
`,
  )}</tbody></table></div>`;
}

const ENDS: Readonly<Record<Exclude<SessionSummary['state'], 'running'>, string>> = {
  stopped: 'stopped',
  time: 'its time was over',
  count: 'all dumps were kept',
};

function endView({ state, endsAtMs }: SessionSummary): Html | string {
  return state === 'running' ? moment(endsAtMs) : ENDS[state];
}

/** For the newest one that is there. */
function howToOpen(dumps: readonly DumpSummary[]): Html | null {
  const newest = dumps.find(isKept);
  if (newest === undefined) return null;
  return html`<p class="small soft">To look into one, on its instance:</p>
<pre class="command" tabindex="0" aria-label="Commands"><code>${dumpCommands(newest)}</code></pre>`;
}

/** For the newest one that is here. */
function howToDecrypt(dumps: readonly DumpSummary[]): Html | null {
  const newest = dumps.find(({ hasCopy }) => hasCopy);
  if (newest === undefined) return null;
  const file = `${newest.id}.core.zst.age`;
  return html`<div class="below"><p class="small soft">To decrypt one that you downloaded, with the secret key, by Crashmon or by age and zstd:</p>
<pre class="command" tabindex="0" aria-label="Commands for a downloaded dump"><code>crashmon session get ./${file} --identity KEYFILE --output core
age --decrypt --identity KEYFILE ${file} | zstd -d -o core</code></pre></div>`;
}

/** To be pasted on the instance. */
export function dumpCommands({
  kind,
  id,
  encrypted,
}: Pick<DumpSummary, 'kind' | 'id' | 'encrypted'>): string {
  const short = id.slice(0, 8);
  const key = encrypted ? '--identity KEYFILE ' : '';
  const file = kind === 'core' ? 'core' : `${short}.${DUMP_EXTENSIONS[kind]}`;
  return `crashmon session show ${short}\ncrashmon session get ${short} ${key}--output ${file}`;
}

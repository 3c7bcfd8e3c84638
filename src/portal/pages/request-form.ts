import { requestWords } from '../../explain/request-words.ts';
import { formatDuration } from '../../formats/duration.ts';
import { type Html, html } from '../../formats/html.ts';
import { plural } from '../../formats/quantity-words.ts';
import { LONGEST_REQUESTED_MS, MOST_REQUESTED_DUMPS } from '../../model/remote-request.ts';
import type { RequestSummary } from '../store/read/dump-store.ts';
import type { InstanceSummary } from '../store/read/instance-store.ts';
import { instanceUrl, requestsUrl } from '../urls.ts';
import type { PageContext } from './page-context.ts';
import { ago } from './time-view.ts';
import { userText } from './user-text.ts';

export type RequestFormData = {
  instances: readonly InstanceSummary[];
  /** The one that is chosen at first. */
  chosen: string | null;
  /** The portal keeps encrypted dumps that instances send. */
  takesDumps: boolean;
};

const HOUR_MS = 3_600_000;
export const MOST_REQUESTED_HOURS = LONGEST_REQUESTED_MS / HOUR_MS;
const HOURS = [1, 8, 24, 168] as const;
/** More instances than this are no list to choose from. */
const MOST_CHOICES = 100;

/** For admins: asks one instance for a session, or to arm its next worker. */
export function requestForm(
  app: string,
  { instances, chosen, takesDumps }: RequestFormData,
  { csrf }: PageContext,
): Html {
  const names = instances.filter(isAsking).map(({ instance }) => instance);
  if (names.length === 0) return html`<p class="card padded soft">No instance with Crashmon is running.</p>`;
  return html`<form method="post" action="${requestsUrl(app)}" class="card padded">${csrf}
<div class="inline roomy">${instanceField(names, chosen)}
<label>Dumps <input type="number" name="maxDumps" value="3" min="1" max="${MOST_REQUESTED_DUMPS}" required></label>
<label>Duration <select name="hours">${HOURS.map((hours) => html`<option value="${hours}"${hours === 24 && html` selected`}>${formatDuration(hours * HOUR_MS)}</option>`)}</select></label>
<button type="submit" name="what" value="session">Start session</button>
<button type="submit" name="what" value="arm" class="quiet">Arm next restart</button></div>
<p class="hint">An instance with <code>--remote-control on</code> learns of it within about a minute; any other refuses it within five. For a session it also needs a <code>--session-key</code>: dumps are encrypted to it, trimmed, and stay there${takesDumps && html`, unless it has <code>--session-portal-dumps on</code>`}.</p></form>`;
}

/** Does it hear of requests? */
export function isAsking({ state, crashmonVersion }: InstanceSummary): boolean {
  return crashmonVersion !== null && !['stopped', 'external', 'folded'].includes(state);
}

function instanceField(names: readonly string[], chosen: string | null): Html {
  if (names.length > MOST_CHOICES)
    return html`<label>Instance <input name="instance" value="${chosen ?? ''}" maxlength="300" required autocomplete="off"></label>`;
  return html`<label>Instance <select name="instance">${names.map((name) => html`<option value="${name}"${name === chosen && html` selected`}>${name}</option>`)}</select></label>`;
}

/** What was asked for, newest first. */
export function requestTable(app: string, requests: readonly RequestSummary[], nowMs: number): Html {
  return html`<div class="card table-wrap"><table><caption class="aside">Requests to instances, newest first</caption>
<thead><tr><th scope="col">Instance</th><th scope="col">Request</th><th scope="col">State</th><th scope="col" class="wide">Asked</th><th scope="col" class="wide">By</th></tr></thead>
<tbody>${requests.map(
    (
      request,
    ) => html`<tr><th scope="row"><a href="${instanceUrl(app, request.instance)}">${userText(request.instance)}</a></th>
<td>${whatWords(request)}</td><td>${stateView(request)}</td>
<td class="wide">${ago(request.atMs, nowMs)}</td><td class="wide"><bdi>${request.askedBy}</bdi></td></tr>
`,
  )}</tbody></table></div>`;
}

function whatWords({ what, maxDumps, forMs }: RequestSummary): Html | string {
  if (what === 'arm') return 'Arm next restart';
  return html`Session<span class="second">${plural(maxDumps ?? 0, 'dump')}, ${formatDuration(forMs ?? 0)}</span>`;
}

function stateView({ what, state, why }: RequestSummary): Html | string {
  switch (state) {
    case 'asked':
      return 'asked, not answered yet';
    case 'started':
      return what === 'arm' ? 'armed' : 'started';
    case 'refused':
      return html`refused on the instance${why !== null && html`<span class="second">${requestWords(why)}</span>`}`;
    case 'expired':
      return html`expired<span class="second">no answer within an hour</span>`;
  }
}

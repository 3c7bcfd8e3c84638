import { KIND_NAMES } from '../../../explain/cause-label.ts';
import { type Html, html } from '../../../formats/html.ts';
import { CRASH_KINDS } from '../../../model/exit.ts';
import type { PageContext } from '../../pages/page-context.ts';
import { moment } from '../../pages/time-view.ts';
import { notificationsUrl } from '../../urls.ts';
import type { NotificationsPageData } from './notifications-page-data.ts';

/** Kinds, quiet hours, digest; disabled for viewers. */
export function preferencesForm(
  { app, settings }: NotificationsPageData,
  isAdmin: boolean,
  { csrf }: PageContext,
): Html {
  const { kinds, quietHours, digest } = settings.preferences;
  const when = digest !== null ? 'digest' : quietHours !== null ? 'quiet' : 'always';
  const zone = digest?.timeZone ?? quietHours?.timeZone ?? 'UTC';
  const radio = (value: string, words: Html | string) =>
    html`<label><input type="radio" name="when" value="${value}"${value === when && html` checked`}> ${words}</label>`;
  const time = (name: string, label: string, minutes: number) =>
    html`<label>${label} <input type="time" name="${name}" value="${clockText(minutes)}" required></label>`;
  return html`<form method="post" action="${notificationsUrl(app, '/choices')}" class="card padded choices">${csrf}
<fieldset class="stacked"${!isAdmin && html` disabled`}><legend class="aside">Preferences</legend>
<fieldset><legend>Crash kinds</legend><div class="boxes">${CRASH_KINDS.map(
    (kind) =>
      html`<label><input type="checkbox" name="kinds" value="${kind}"${(kinds === null || kinds.includes(kind)) && html` checked`}> ${KIND_NAMES[kind]}</label>`,
  )}</div></fieldset>
<fieldset><legend>Schedule</legend><div class="boxes one">${radio('always', 'Immediately')}${radio('quiet', 'Immediately, except in quiet hours (sent when they end)')}${radio('digest', 'Daily digest')}</div></fieldset>
<div class="inline">${time('from', 'Quiet hours from', quietHours?.fromMinute ?? 22 * 60)}${time('to', 'Quiet hours until', quietHours?.toMinute ?? 7 * 60)}${time('daily', 'Daily digest at', digest?.minute ?? 8 * 60)}
<label>Time zone <input name="zone" value="${zone}" required maxlength="60" list="zones" autocomplete="off" spellcheck="false"></label></div>
<datalist id="zones">${Intl.supportedValuesOf('timeZone').map((name) => html`<option value="${name}"></option>`)}</datalist>
${isAdmin && html`<button type="submit">Save</button>`}</fieldset></form>`;
}

export function muteForm(
  { app, settings, newestVersion }: NotificationsPageData,
  isAdmin: boolean,
  { csrf, nowMs }: PageContext,
): Html {
  const { mute } = settings.preferences;
  const isMuted = mute !== null && (!('untilMs' in mute) || mute.untilMs > nowMs);
  const state =
    mute === null || !isMuted
      ? 'Not muted.'
      : 'untilMs' in mute
        ? html`Muted until ${moment(mute.untilMs)}: nothing is sent.`
        : mute.whileVersion === ''
          ? 'Muted until a crash reports a version.'
          : html`Muted until a version other than <bdi>${mute.whileVersion}</bdi> crashes.`;
  const version =
    newestVersion === null ? 'until a version is reported' : `until a version other than ${newestVersion}`;
  return html`<div class="card padded below"><p>${state}</p>${
    isAdmin &&
    html`<form method="post" action="${notificationsUrl(app, '/mute')}" class="inline below">${csrf}
<label>Duration <select name="mute"><option value="1h">1 hour</option><option value="8h">8 hours</option><option value="1d">1 day</option><option value="7d">1 week</option><option value="version">${version}</option><option value="until">until a set time</option></select></label>
<label>Until (UTC) <input type="datetime-local" name="until"></label><button type="submit" class="quiet">Mute</button>${isMuted && html`<button type="submit" class="quiet" form="unmute">Unmute</button>`}</form>
${isMuted && html`<form method="post" action="${notificationsUrl(app, '/mute')}" id="unmute">${csrf}<input type="hidden" name="mute" value="no"></form>`}`
  }</div>`;
}

/** `22:05` */
function clockText(minutes: number): string {
  const two = (number: number) => String(number).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

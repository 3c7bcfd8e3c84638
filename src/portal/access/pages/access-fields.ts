import { type Html, html } from '../../../formats/html.ts';

/** An empty app field never means all apps: access to all must be chosen. */
const CHOICES = [
  ['viewer', 'viewer of one app'],
  ['admin', 'admin of one app'],
  ['viewer-everywhere', 'viewer of all apps'],
  ['owner', 'owner of the portal'],
] as const;

/** Which access to give, to be read by `accessForm` and `grantOf`. */
export function accessFields(apps: readonly string[]): Html {
  return html`<label>Access <select name="access">${CHOICES.map(([value, words]) => html`<option value="${value}">${words}</option>`)}</select></label>
<label>App <input name="app" list="apps" maxlength="200" placeholder="shop" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="access-hint"></label>
<datalist id="apps">${apps.map((app) => html`<option value="${app}"></option>`)}</datalist>`;
}

export function accessHint(): Html {
  return html`<p class="hint below" id="access-hint">Viewers can read. Admins can also write notes, resolve signatures, create tokens and grant access. Owners can do everything in all apps. Leave the app empty for owners and for viewers of all apps.</p>`;
}

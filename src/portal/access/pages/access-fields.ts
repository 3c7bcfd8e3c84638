import { type Html, html } from '../../../formats/html.ts';

/** What can be given. Every app is never what an empty field means: nobody becomes an owner by forgetting something. */
const CHOICES = [
  ['viewer', 'viewer of the app'],
  ['admin', 'admin of the app'],
  ['viewer-everywhere', 'viewer of every app'],
  ['owner', 'owner of the portal'],
] as const;

/** Which access to give, to be read by `accessForm` and `grantOf`. */
export function accessFields(apps: readonly string[]): Html {
  return html`<label>Access <select name="access">${CHOICES.map(([value, words]) => html`<option value="${value}">${words}</option>`)}</select></label>
<label>App <input name="app" list="apps" maxlength="200" placeholder="shop" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="access-hint"></label>
<datalist id="apps">${apps.map((app) => html`<option value="${app}"></option>`)}</datalist>`;
}

export function accessHint(): Html {
  return html`<p class="hint below" id="access-hint">Viewers look. Admins also write notes, resolve, make tokens and let people in. Owners may do what you may, in every app; for them and for viewers of every app, the app is left out.</p>`;
}

import { type Html, html } from '../../pages/html.ts';
import type { Grant } from '../../store/portal-store.ts';

/** Which access to give: role and app, to be read by `grantOfFields`. */
export function accessFields(apps: readonly string[]): Html {
  return html`<label>Role <select name="role"><option value="viewer">viewer</option><option value="admin">admin</option></select></label>
<label>App <input name="app" list="apps" maxlength="200" placeholder="every app" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="access-hint"></label>
<datalist id="apps">${apps.map((app) => html`<option value="${app}"></option>`)}</datalist>`;
}

export function accessHint(): Html {
  return html`<p class="hint below" id="access-hint">Without an app, it is for every app. Viewers look; admins also write notes, resolve, make tokens and let people in. An admin of every app is an owner, and may do what you may.</p>`;
}

/** An empty field is every app. */
export function grantOfFields({ role, app }: { role: Grant['role']; app: string }): Grant {
  const name = app.trim();
  return { app: name === '' ? '*' : name, role };
}

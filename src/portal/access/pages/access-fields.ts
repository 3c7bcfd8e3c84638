import { z } from 'zod';
import { type Html, html } from '../../../formats/html.ts';
import type { Grant } from '../../store/portal-store.ts';
import { requireAppName } from '../domain/app-name.ts';

/** What can be given. Every app is never what an empty field means: nobody becomes an owner by forgetting something. */
const CHOICES = [
  ['viewer', 'viewer of the app'],
  ['admin', 'admin of the app'],
  ['viewer-everywhere', 'viewer of every app'],
  ['owner', 'owner of the portal'],
] as const;

export const accessForm = z.object({
  access: z.enum(['viewer', 'admin', 'viewer-everywhere', 'owner']),
  app: z.string().max(200).default(''),
});

/** Which access to give, to be read by `accessForm` and `grantOf`. */
export function accessFields(apps: readonly string[]): Html {
  return html`<label>Access <select name="access">${CHOICES.map(([value, words]) => html`<option value="${value}">${words}</option>`)}</select></label>
<label>App <input name="app" list="apps" maxlength="200" placeholder="shop" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="access-hint"></label>
<datalist id="apps">${apps.map((app) => html`<option value="${app}"></option>`)}</datalist>`;
}

export function accessHint(): Html {
  return html`<p class="hint below" id="access-hint">Viewers look. Admins also write notes, resolve, make tokens and let people in. Owners may do what you may, in every app; for them and for viewers of every app, the app is left out.</p>`;
}

/**
 * null where the app is missing.
 * @throws CrashmonError BAD_REQUEST for a name that no app can have
 */
export function grantOf({ access, app }: z.output<typeof accessForm>): Grant | null {
  if (access === 'owner') return { app: '*', role: 'admin' };
  if (access === 'viewer-everywhere') return { app: '*', role: 'viewer' };
  const name = app.trim();
  if (name === '') return null;
  requireAppName(name);
  return { app: name, role: access };
}

export const NAME_THE_APP = 'Name the app, or choose an access to every app.';

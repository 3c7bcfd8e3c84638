import { html } from '../../../formats/html.ts';
import { layout } from '../../pages/layout.ts';
import { LEAST_PASSWORD } from '../domain/passwords/password-rules.ts';
import { newPasswordFields } from './new-password-fields.ts';

export type SetupPageParts = {
  assetUrl: (name: string) => string;
  secret: string;
  /** Whose password it sets; null for the first account, whose name is chosen. */
  accountName: string | null;
  /** What was typed before. */
  name: string;
  error: string | null;
};

/** What a link for an account leads to. Looking at it uses nothing up. */
export function setupPage({ assetUrl, secret, accountName, name, error }: SetupPageParts): string {
  const isFirst = accountName === null;
  const title = isFirst ? 'Make the first account' : 'Set your password';
  const body = html`<h1>${title}</h1>
<p class="lead">${
    isFirst
      ? 'It owns the portal: it sees every app, and lets others in.'
      : html`For the account <b><bdi>${accountName}</bdi></b>. Then you are signed in.`
  }</p>
<form method="post" action="/setup/${secret}" class="card padded stacked after-lead">
${error !== null && html`<p class="error" role="alert" id="why">${error}</p>`}
${
  isFirst &&
  html`<label>Name <input name="name" value="${name}" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="64" autofocus></label>`
}
${newPasswordFields('Password', error !== null)}
<p class="hint" id="rules">At least ${LEAST_PASSWORD} characters, of any kind. A few words that nobody would guess do well.</p>
<p><button type="submit">${isFirst ? 'Make the account' : 'Set the password'}</button></p>
${!isFirst && html`<input type="hidden" name="name" value="${accountName}" autocomplete="username">`}
</form>
<p class="hint after-lead">This link works once.</p>`;
  return layout({ title, assetUrl, body, narrow: true });
}

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

/** For a setup link. Opening it does not use it up. */
export function setupPage({ assetUrl, secret, accountName, name, error }: SetupPageParts): string {
  const isFirst = accountName === null;
  const title = isFirst ? 'Create the first account' : 'Set your password';
  const body = html`<h1>${title}</h1>
<p class="lead">${
    isFirst
      ? 'It owns the portal: it can do everything and invite others.'
      : html`For the account <b><bdi>${accountName}</bdi></b>. You are then signed in.`
  }</p>
<form method="post" action="/setup/${secret}" class="card padded stacked after-lead">
${error !== null && html`<p class="error" role="alert" id="why">${error}</p>`}
${
  isFirst &&
  html`<label>Name <input name="name" value="${name}" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="64" autofocus></label>`
}
${newPasswordFields('Password', error !== null)}
<p class="hint" id="rules">At least ${LEAST_PASSWORD} characters. A few unrelated words work well.</p>
<p><button type="submit">${isFirst ? 'Create account' : 'Set password'}</button></p>
${!isFirst && html`<input type="hidden" name="name" value="${accountName}" autocomplete="username">`}
</form>
<p class="hint after-lead">This link works once.</p>`;
  return layout({ title, assetUrl, body, narrow: true });
}

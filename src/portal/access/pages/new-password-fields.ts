import { type Html, html } from '../../../formats/html.ts';

/** A new password, twice; described by the elements `rules` and, where there is one, `why`. */
export function newPasswordFields(label: string, hasError: boolean): Html {
  const described = hasError ? 'why rules' : 'rules';
  return html`<label>${label} <input name="password" type="password" autocomplete="new-password" required maxlength="4096" aria-describedby="${described}"></label>
<label>Repeat password <input name="again" type="password" autocomplete="new-password" required maxlength="4096"></label>`;
}

import { html } from '../../../formats/html.ts';
import { layout } from '../../pages/layout.ts';

export type SignInPageParts = {
  assetUrl: (name: string) => string;
  /** Where to go then; see `safeNext`. */
  next: string;
  /** What was typed before. */
  name: string;
  /** Why it did not work, as a sentence. */
  error: string | null;
  done: string | null;
};

export function signInPage({ assetUrl, next, name, error, done }: SignInPageParts): string {
  const body = html`<h1>Sign in</h1>
<p class="lead">See what crashes, and why.</p>
<form method="post" action="/sign-in" class="card padded stacked after-lead">
${done !== null && html`<p class="notice" role="status">${done}</p>`}${error !== null && html`<p class="error" role="alert" id="why">${error}</p>`}
<label>Name <input name="name" value="${name}" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="200"${name === '' && html` autofocus`}></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required maxlength="4096"${name !== '' && html` autofocus`}${error !== null && html` aria-describedby="why"`}></label>
<p><button type="submit">Sign in</button></p>
<input type="hidden" name="next" value="${next}"></form>
<p class="hint after-lead">Forgot your password? An owner can create a reset link under <b>Administration</b>, or the operator with <code>crashmon portal accounts link NAME</code>.</p>`;
  return layout({ title: 'Sign in', assetUrl, body, narrow: true });
}

import { html } from '../../../formats/html.ts';
import { layout } from '../../pages/layout.ts';

/** A link that signs in: one button, because what only looks at addresses must not use it up. */
export function linkPage(parts: {
  assetUrl: (name: string) => string;
  secret: string;
  name: string;
}): string {
  const { assetUrl, secret, name } = parts;
  const body = html`<h1>Sign in</h1>
<p class="lead">As <b><bdi>${name}</bdi></b>, by a link that works once.</p>
<form method="post" action="/link/${secret}" class="after-lead"><button type="submit" autofocus>Sign in as <bdi class="clip">${name}</bdi></button></form>`;
  return layout({ title: 'Sign in', assetUrl, body, narrow: true });
}

/** What a link leads to that was used, has expired or never was. */
export function goneLinkPage({ assetUrl }: { assetUrl: (name: string) => string }): string {
  const body = html`<p class="crumb">Error 410</p>
<h1>This link has been used, or has expired</h1>
<p class="lead">Each works once, and not for long. If it was you who used it, sign in.</p>
<p class="after-lead"><a class="button" href="/sign-in">Sign in</a></p>
<hr>
<p class="hint">If there is no account yet, a restart of the portal prints a new link. For an account, an owner makes one at <b>Administration</b>, or whoever runs the portal by <code>crashmon portal accounts link NAME</code>.</p>`;
  return layout({ title: 'Link used or expired', assetUrl, body, narrow: true });
}

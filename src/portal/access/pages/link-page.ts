import { html } from '../../../formats/html.ts';
import { layout } from '../../pages/layout.ts';

/** A one-time link that signs in. It needs a click, so that link previews do not use it up. */
export function linkPage(parts: {
  assetUrl: (name: string) => string;
  secret: string;
  name: string;
}): string {
  const { assetUrl, secret, name } = parts;
  const body = html`<h1>Sign in</h1>
<p class="lead">As <b><bdi>${name}</bdi></b>, with a one-time link.</p>
<form method="post" action="/link/${secret}" class="after-lead"><button type="submit" autofocus>Sign in as <bdi class="clip">${name}</bdi></button></form>`;
  return layout({ title: 'Sign in', assetUrl, body, narrow: true });
}

/** For a link that was used, has expired or never existed. */
export function goneLinkPage({ assetUrl }: { assetUrl: (name: string) => string }): string {
  const body = html`<p class="crumb">Error 410</p>
<h1>This link was used or has expired</h1>
<p class="lead">Each link works once and for a limited time. If you used it yourself, sign in.</p>
<p class="after-lead"><a class="button" href="/sign-in">Sign in</a></p>
<hr>
<p class="hint">No account yet? Restart the portal to print a new link. Otherwise ask an owner to create one under <b>Administration</b>, or the operator to run <code>crashmon portal accounts link NAME</code>.</p>`;
  return layout({ title: 'Link used or expired', assetUrl, body, narrow: true });
}

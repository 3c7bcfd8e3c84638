import { html } from '../../../formats/html.ts';
import { layout } from '../../pages/layout.ts';
import type { Unsubscription } from '../sending/unsubscribe-token.ts';

/** Needs no account. Asks first, since programs follow links in emails. */
export function unsubscribePage(
  { app, address }: Unsubscription,
  isDone: boolean,
  assetUrl: (name: string) => string,
): string {
  const body = isDone
    ? html`<h1>Unsubscribed</h1><p class="lead"><bdi>${address}</bdi> no longer receives emails about <bdi>${app}</bdi>. An administrator can undo this in the portal.</p>`
    : html`<h1>Unsubscribe from <bdi>${app}</bdi>?</h1><p class="lead"><bdi>${address}</bdi> will no longer receive emails when it crashes.</p>
<form method="post" class="after-lead"><button type="submit">Unsubscribe</button></form>`;
  return layout({ title: isDone ? 'Unsubscribed' : 'Unsubscribe', body, assetUrl, narrow: true });
}

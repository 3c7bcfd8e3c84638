import { html } from '../../../formats/html.ts';
import { layout } from '../../pages/layout.ts';
import type { Unsubscription } from '../sending/unsubscribe-token.ts';

/** For who has no account: asks before it unsubscribes, since programs follow links in mails. */
export function unsubscribePage(
  { app, address }: Unsubscription,
  isDone: boolean,
  assetUrl: (name: string) => string,
): string {
  const body = isDone
    ? html`<h1>Unsubscribed</h1><p class="lead"><bdi>${address}</bdi> gets no more mails about <bdi>${app}</bdi>. Who administers it in the portal can take that back.</p>`
    : html`<h1>No more mails about <bdi>${app}</bdi>?</h1><p class="lead"><bdi>${address}</bdi> is then no longer told when it crashes.</p>
<form method="post" class="after-lead"><button type="submit">Unsubscribe</button></form>`;
  return layout({ title: isDone ? 'Unsubscribed' : 'Unsubscribe', body, assetUrl, narrow: true });
}

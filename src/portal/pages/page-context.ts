import { type Html, html } from '../../formats/html.ts';
import type { Account } from '../store/access/access-store.ts';

/** What every page of a signed-in person is made with. */
export type PageContext = {
  account: Account;
  /** Hidden field of forms. */
  csrf: Html | null;
  /** See `PortalParts`. */
  assetUrl: (name: string) => string;
  nowMs: number;
  /** What the page shows is at least as new as this; see `changeVersion`. */
  version?: number;
};

export function csrfField(token: string | null): Html | null {
  return token === null ? null : html`<input type="hidden" name="csrf" value="${token}">`;
}

import { html } from '../../formats/html.ts';
import { layout } from './layout.ts';

/** Does not use the store, which may be the cause of the error. */
export function errorPage(parts: {
  status: number;
  title: string;
  sentence: string;
  assetUrl: (name: string) => string;
}): string {
  const { status, title, sentence, assetUrl } = parts;
  const body = html`<p class="crumb">Error ${status}</p>
<h1>${title}</h1>
<p class="lead">${sentence}</p>
<p class="after-lead"><a class="button" href="/">Go to Apps</a></p>`;
  return layout({ title, body, assetUrl, narrow: true });
}

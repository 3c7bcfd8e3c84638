import { type Html, html } from '../../../formats/html.ts';
import { notificationsUrl } from '../../urls.ts';
import { PREVIEW_KINDS, type PreviewKind } from '../sending/preview-notification.ts';

const KIND_NAMES: Readonly<Record<PreviewKind, string>> = {
  opened: 'Crash',
  recovered: 'Recovery',
  digest: 'Daily digest',
  test: 'Test',
};
export type PreviewChoice = {
  kind: PreviewKind;
  format: 'html' | 'text';
  subject: string;
  from: string;
  text: string;
  /** The app has not crashed yet. */
  isSample: boolean;
};

/** The real email for the latest crash; its HTML is in a sandboxed frame. */
export function previewView(
  app: string,
  { kind, format, subject, from, text, isSample }: PreviewChoice,
): Html {
  const link = (to: PreviewKind, as: 'html' | 'text', words: string, isCurrent: boolean) =>
    html`<a href="${notificationsUrl(app, `?preview=${to}&format=${as}#preview`)}"${isCurrent && html` aria-current="true"`}>${words}</a>`;
  return html`<p class="section-lead">${isSample ? 'This app has not crashed yet: the preview shows a sample crash.' : 'Shows the latest crash as it would be sent now.'}</p>
<div class="preview-bar"><nav class="segments" aria-label="Notification type">${PREVIEW_KINDS.map((name) => link(name, format, KIND_NAMES[name], name === kind))}</nav>
<nav class="segments" aria-label="Format">${link(kind, 'html', 'HTML', format === 'html')}${link(kind, 'text', 'Plain text', format === 'text')}</nav></div>
<div class="card mail"><dl class="mail-head"><div><dt>From</dt><dd><bdi>${from}</bdi></dd></div><div><dt>Subject</dt><dd><bdi>${subject}</bdi></dd></div></dl>
${
  format === 'text'
    ? html`<pre tabindex="0"><code>${text}</code></pre>`
    : html`<iframe title="Email preview" sandbox loading="lazy" src="${notificationsUrl(app, `/preview?preview=${kind}`)}"></iframe>`
}</div>`;
}

import { type Html, html, type Interpolated } from '../../formats/html.ts';
import { unbrokenOptions } from '../../formats/unbroken-options.ts';
import type { AdviceSection, DigestEntry, Fact, Message, StackSection } from '../message/message.ts';
import type { StackLine } from '../message/stack-view.ts';
import { LIGHT, MONO, SANS, STYLE_SHEET } from './mail-style.ts';

const { page, card, line, text, soft, code, link, button, buttonText } = LIGHT;

/**
 * The HTML of a mail. It loads no resources and runs no scripts, so it looks the same in clients that block them. One
 * column, as wide as a phone, at most 600 pixels.
 */
export function mailHtml(message: Message): string {
  const tone = LIGHT[message.tone];
  const [first = ''] = message.paragraphs;
  return html`<!doctype html>
<html lang="en"><head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<title>${message.subject}</title>
<style>${SHEET}</style>
</head>
<body class="page" style="margin:0;padding:0;background:${page};overflow-wrap:anywhere;word-break:break-word;-webkit-text-size-adjust:100%">
<div style="display:none;max-height:0;overflow:hidden;font-size:1px;line-height:1px">${first}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>
<td class="outer page" align="center" style="padding:28px 12px;background:${page}">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:600px;background:${card};border:1px solid ${line};border-radius:10px;border-collapse:separate;font-family:${SANS};text-align:left">
<tr><td class="pad" style="padding:28px 32px 4px">
<div class="${message.tone}" style="font-size:13px;line-height:18px;font-weight:600;color:${tone}">${message.label}</div>
<h1 class="text heading" style="margin:4px 0 0;font-size:23px;line-height:1.3;font-weight:650;letter-spacing:-0.01em;color:${text};overflow-wrap:anywhere">${message.heading}</h1>
</td></tr>
<tr><td class="pad" style="padding:10px 32px 26px">
${message.paragraphs.map(paragraph)}
${message.entries.map(entry)}
${message.stacks.map(stack)}
${message.noStack === null ? null : note(message.noStack)}
${message.advice.map(advice)}
${message.link === null ? null : action(message.link)}
${message.facts.length === 0 ? null : factTable(message.facts)}
</td></tr></table>
${footer(message)}
</td></tr></table>
</body></html>
`.toString();
}

/** Trusted: contains no outside text. */
const SHEET = html([STYLE_SHEET] as unknown as TemplateStringsArray);

function paragraph(words: string): Html {
  return html`<p class="text" style="margin:10px 0 0;font-size:16px;line-height:1.55;color:${text};overflow-wrap:anywhere">${words}</p>
`;
}

function subheading(words: string): Html {
  return html`<h2 class="text" style="margin:26px 0 8px;font-size:15px;line-height:1.4;font-weight:650;color:${text};overflow-wrap:anywhere">${words}</h2>
`;
}

function stack({ heading, lines }: StackSection): Html {
  if (lines.length === 0) return subheading(heading);
  return html`${subheading(heading)}<div class="code" style="padding:12px 0;background:${code};border:1px solid ${line};border-radius:8px;font-family:${MONO};font-size:13px;line-height:1.5">
${lines.map(stackLine)}</div>
`;
}

function stackLine(view: StackLine): Html {
  if (view.type === 'folded') {
    return html`<div class="soft" style="padding:3px 14px 3px 17px;color:${soft}">${view.text}</div>
`;
  }
  const { name, place, repeat, note: remark, inApp } = view;
  const side = inApp ? `3px solid ${LIGHT.link}` : '3px solid transparent';
  const times =
    repeat === ''
      ? null
      : html` <span class="trouble" style="font-weight:600;color:${LIGHT.trouble};white-space:nowrap">${repeat}</span>`;
  const under = [place, remark].filter((part) => part !== '').join(' · ');
  const below =
    under === '' ? null : html`<br><span class="soft" style="font-size:12px;color:${soft}">${under}</span>`;
  return html`<div class="${inApp ? 'own text' : 'soft'}" style="padding:3px 14px;border-left:${side};color:${inApp ? text : soft};overflow-wrap:anywhere;word-break:break-word"><span style="font-weight:${inApp ? 650 : 400}">${name}</span>${times}${below}</div>
`;
}

function note(words: string): Html {
  return html`<p class="soft code" style="margin:22px 0 0;padding:12px 16px;background:${code};border:1px solid ${line};border-radius:8px;font-size:15px;line-height:1.5;color:${soft};overflow-wrap:anywhere">${unbroken(words)}</p>
`;
}

function advice({ heading, text: words, steps, url }: AdviceSection): Html {
  const items = steps.map(
    (step) => html`<li style="margin:4px 0 0;padding:0;overflow-wrap:anywhere">${unbroken(step)}</li>
`,
  );
  const list =
    items.length === 0
      ? null
      : html`<ul class="text" style="margin:6px 0 0;padding:0 0 0 20px;font-size:15px;line-height:1.5;color:${text}">
${items}</ul>
`;
  const more =
    url === null
      ? null
      : html`<p class="text" style="margin:6px 0 0;font-size:15px;line-height:1.5"><a class="link" href="${url}" style="color:${link}">Read more</a></p>
`;
  return html`${subheading(heading)}<p class="text" style="margin:0;font-size:15px;line-height:1.55;color:${text};overflow-wrap:anywhere">${unbroken(words)}</p>
${list}${more}`;
}

function entry({ title, text: words, isOver, url }: DigestEntry): Html {
  const tone = isOver ? 'calm' : 'trouble';
  const name =
    url === null
      ? html`${title}`
      : html`<a class="link" href="${url}" style="color:${link};text-decoration:none">${title}</a>`;
  return html`<div class="line" style="margin:18px 0 0;padding:14px 0 0;border-top:1px solid ${line}">
<div class="text" style="font-size:15px;line-height:1.45;font-weight:650;color:${text};overflow-wrap:anywhere">${name}</div>
<div class="soft" style="margin:3px 0 0;font-size:14px;line-height:1.5;color:${soft};overflow-wrap:anywhere">${words}. <span class="${tone}" style="font-weight:600;color:${LIGHT[tone]}">${isOver ? 'Over.' : 'May be ongoing.'}</span></div>
</div>
`;
}

function action({ label, url }: NonNullable<Message['link']>): Html {
  return html`<div style="margin:26px 0 0"><a class="button" href="${url}" style="display:inline-block;padding:12px 22px;border-radius:8px;background:${button};color:${buttonText};font-size:15px;line-height:20px;font-weight:600;text-decoration:none">${label}</a></div>
`;
}

function factTable(facts: readonly Fact[]): Html {
  const rows = facts.map(
    ({ label, value }) => html`<tr>
<td class="soft" width="84" style="width:84px;padding:5px 14px 5px 0;font-size:13px;line-height:1.45;color:${soft};vertical-align:top;white-space:nowrap">${label}</td>
<td class="text" style="padding:5px 0;font-size:13px;line-height:1.45;color:${text};overflow-wrap:anywhere;word-break:break-word">${value}</td>
</tr>
`,
  );
  return html`<div class="line" style="margin:28px 0 0;padding:14px 0 0;border-top:1px solid ${line}"><table width="100%" cellpadding="0" cellspacing="0" border="0" style="font-family:${SANS}">
${rows}</table></div>
`;
}

function footer({ footer: words, settingsUrl }: Message): Html {
  const settings =
    settingsUrl === null
      ? null
      : html`<br><a class="soft" href="${settingsUrl}" style="color:${soft};text-decoration:underline">Change or mute notifications</a>`;
  return html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:600px"><tr>
<td class="pad soft" style="padding:16px 32px 24px;font-family:${SANS};font-size:12px;line-height:1.55;color:${soft};text-align:left;overflow-wrap:anywhere">${unbroken(words)}${settings}</td>
</tr></table>
`;
}

function unbroken(words: string): Interpolated {
  return unbrokenOptions(words, (option) => html`<span style="white-space:nowrap">${option}</span>`);
}

/**
 * Colors of mails. Styles stand in each element, since many mail programs drop style sheets; those that know of dark
 * mode keep the sheet, whose classes replace the colors.
 */
export type Palette = {
  page: string;
  card: string;
  line: string;
  text: string;
  soft: string;
  code: string;
  link: string;
  button: string;
  buttonText: string;
  trouble: string;
  calm: string;
};

export const LIGHT: Palette = {
  page: '#f3f4f6',
  card: '#ffffff',
  line: '#e3e5e9',
  text: '#1b1f27',
  soft: '#5b6371',
  code: '#f6f7f9',
  link: '#1f5fbf',
  button: '#1f4f99',
  buttonText: '#ffffff',
  trouble: '#b3261e',
  calm: '#1d7a46',
};

const DARK: Palette = {
  page: '#14161a',
  card: '#1d2026',
  line: '#343943',
  text: '#e8eaee',
  soft: '#a3abb8',
  code: '#15181d',
  link: '#8ab4f8',
  button: '#a8c7fa',
  buttonText: '#10243f',
  trouble: '#f2867f',
  calm: '#74c998',
};

export const SANS = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
export const MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace";

/** The style sheet: dark colors, and less room at the sides of a phone. It contains no text from outside. */
export const STYLE_SHEET = `
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){${darkRules('')}}
${darkRules('[data-ogsc] ')}
@media (max-width:480px){.pad{padding-left:18px!important;padding-right:18px!important}.outer{padding:0!important}.card{border-radius:0!important;border-left:0!important;border-right:0!important}.heading{font-size:20px!important}}
`;

/** Some mail programs mark the body instead of asking for the preferred colors. */
function darkRules(before: string): string {
  const { page, card, line, text, soft, code, link, button, buttonText, trouble, calm } = DARK;
  const rules = {
    page: `background:${page}!important`,
    card: `background:${card}!important;border-color:${line}!important`,
    text: `color:${text}!important`,
    soft: `color:${soft}!important`,
    line: `border-color:${line}!important`,
    code: `background:${code}!important;border-color:${line}!important`,
    link: `color:${link}!important`,
    button: `background:${button}!important;color:${buttonText}!important`,
    trouble: `color:${trouble}!important`,
    calm: `color:${calm}!important`,
    own: `border-color:${link}!important`,
  };
  return Object.entries(rules)
    .map(([name, rule]) => `${before}.${name}{${rule}}`)
    .join('');
}

import { parse, TomlError } from 'smol-toml';
import { readKeyLines } from './key-lines.ts';

/** One `key = value` of a settings file. */
export type SettingsEntry = {
  /** The app whose section it is in; null above all sections. */
  app: string | null;
  key: string;
  value: unknown;
  /** `line 3: `, empty if unknown. */
  at: string;
};

const MAX_APPS = 1000;
const MAX_DEPTH = 8;

/**
 * The entries of a settings file in TOML: keys for all apps, and sections `[apps.NAME]`. Of a file that has other sections
 * the entries are there, too.
 */
export function readSettingsEntries(text: string): { entries: SettingsEntry[]; problems: string[] } {
  let table: Record<string, unknown>;
  // Editors of other systems begin a file with it.
  const toml = text.replace(/^\uFEFF/, '');
  try {
    table = parse(toml, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [, what = ''] = /^Invalid TOML document: (.*)/.exec(error.message) ?? [];
    return { entries: [], problems: [`line ${error.line}: not valid TOML: ${what}`] };
  }
  const lines = readKeyLines(toml);
  const at = (...path: string[]) => {
    const line = lines.get(path.join('\0'));
    return line === undefined ? '' : `line ${line}: `;
  };
  const { apps = {}, ...common } = table;
  const entries: SettingsEntry[] = [];
  const problems: string[] = [];
  for (const [key, value] of Object.entries(common)) {
    if (isTable(value)) problems.push(`${at(key)}unknown section [${key}]. Write [apps.NAME].`);
    else entries.push({ app: null, key, value, at: at(key) });
  }
  const sections = isTable(apps) ? Object.entries(apps) : [];
  if (!isTable(apps)) problems.push(`${at('apps')}write a section for each app: [apps.shop]`);
  if (sections.length > MAX_APPS) problems.push(`more than ${MAX_APPS} sections [apps.…]`);
  for (const [app, section] of sections.slice(0, MAX_APPS)) {
    if (!isTable(section)) problems.push(`${at('apps', app)}write a section for each app: [apps.${app}]`);
    else {
      for (const [key, value] of Object.entries(section)) {
        entries.push({ app, key, value, at: at('apps', app, key) });
      }
    }
  }
  return { entries, problems };
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

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
 * The entries of a settings file in TOML: keys for all apps, and sections `[apps.NAME]`.
 * @returns problems instead if it is no TOML, or has other sections
 */
export function readSettingsEntries(text: string): { entries: SettingsEntry[] } | { problems: string[] } {
  let table: Record<string, unknown>;
  try {
    table = parse(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [, what = ''] = /^Invalid TOML document: (.*)/.exec(error.message) ?? [];
    return { problems: [`line ${error.line}: not valid TOML: ${what}`] };
  }
  const lines = readKeyLines(text);
  const at = (...path: string[]) => {
    const line = lines.get(path.join('\0'));
    return line === undefined ? '' : `line ${line}: `;
  };
  const { apps = {}, ...common } = table;
  const entries: SettingsEntry[] = Object.entries(common).map(([key, value]) => ({
    ...{ app: null, key, value, at: at(key) },
  }));
  const problems = Object.entries(common).flatMap(([key, value]) =>
    isTable(value) ? [`${at(key)}unknown section [${key}]. Write [apps.NAME].`] : [],
  );
  if (!isTable(apps)) return { problems: [`${at('apps')}write a section for each app: [apps.shop]`] };
  const sections = Object.entries(apps);
  if (sections.length > MAX_APPS) return { problems: [`more than ${MAX_APPS} sections [apps.…]`] };
  for (const [app, section] of sections) {
    if (!isTable(section)) problems.push(`${at('apps', app)}write a section for each app: [apps.${app}]`);
    else {
      for (const [key, value] of Object.entries(section)) {
        entries.push({ app, key, value, at: at('apps', app, key) });
      }
    }
  }
  return problems.length > 0 ? { problems } : { entries };
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

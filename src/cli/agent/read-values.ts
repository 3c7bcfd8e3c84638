import type { Option } from 'commander';
import { didYouMean } from '../did-you-mean.ts';
import { keyOf, REPEATABLE } from '../options/environment.ts';
import type { SettingsEntry } from './settings-entries.ts';

/** Values by the names that commander gives them. */
export type Values = Record<string, unknown>;

/** Written without quotes. */
const NUMBERS = ['arm-after', 'window', 'cooldown', 'notify-quiet', 'notify-wait'];

/** Reads entries as if they were options of the command line; what cannot be used becomes a problem. */
export function readValues(
  entries: readonly SettingsEntry[],
  options: readonly Option[],
  problems: string[],
  /** Keys above all sections. */
  common: readonly Option[] = [],
): Values {
  const values: Values = {};
  for (const { key, value, at } of entries) {
    const option = options.find((one) => keyOf(one) === key);
    if (option === undefined) {
      const isCommon = common.some((one) => keyOf(one) === key);
      problems.push(
        isCommon
          ? `${at}${key} is for all apps: write it above the first section.`
          : `${at}${unknown(key, options)}`,
      );
      continue;
    }
    const read = readValue(option, value);
    if ('problem' in read) problems.push(`${at}${key}: ${read.problem}`);
    else values[option.attributeName()] = read.value;
  }
  return values;
}

function unknown(key: string, options: readonly Option[]): string {
  const names = options.map(keyOf);
  const meant = didYouMean(key, names);
  const shown = JSON.stringify(key.slice(0, 60));
  return meant === null
    ? `unknown key ${shown}. Write one of ${names.join(', ')}.`
    : `unknown key ${shown}. Did you mean ${meant}?`;
}

function readValue(option: Option, value: unknown): { value: unknown } | { problem: string } {
  const key = keyOf(option);
  if (option.negate || !option.required) {
    return typeof value === 'boolean' ? { value } : { problem: 'Write true or false.' };
  }
  const isList = REPEATABLE.includes(key);
  const isNumber = NUMBERS.includes(key) && Number.isFinite(value);
  const texts = isNumber ? [String(value)] : isList && Array.isArray(value) ? value : [value];
  if (!texts.every((one) => typeof one === 'string')) {
    return {
      problem: isList ? 'Give a list of values in quotes: ["…", "…"].' : 'Give a value in quotes: "…".',
    };
  }
  if (key.endsWith('-file') && !texts.every((one) => one.startsWith('/'))) {
    return { problem: 'Write an absolute path, such as "/etc/crashmon/token".' };
  }
  if (key === 'notify' && texts.some((one) => URL.canParse(one) && new URL(one).password !== '')) {
    return { problem: 'Write the password into a file of its own, and its path as smtp-password-file.' };
  }
  try {
    let read: unknown;
    for (const text of texts) read = option.parseArg === undefined ? text : option.parseArg(text, read);
    return { value: read };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

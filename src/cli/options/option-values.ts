import { InvalidArgumentError, Option } from 'commander';
import { parseByteSize } from '../../formats/byte-size.ts';
import { parseDuration } from '../../formats/duration.ts';
import type { RestartLimit } from '../../policy/restart-limit.ts';

/** Parsers for option values; commander adds the option's name to their errors. */
export function durationValue(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError('Give a duration such as 100ms, 30s, 10m, 24h, 7d or 0.');
  return ms;
}

export function countValue(max: number): (text: string) => number {
  return (text) => {
    if (!/^\d{1,9}$/.test(text) || Number(text) > max) {
      throw new InvalidArgumentError(`Give a whole number from 0 to ${max}.`);
    }
    return Number(text);
  };
}

export function countFrom1Value(max: number): (text: string) => number {
  return (text) => {
    if (!/^\d{1,9}$/.test(text) || Number(text) < 1 || Number(text) > max) {
      throw new InvalidArgumentError(`Give a whole number from 1 to ${max}.`);
    }
    return Number(text);
  };
}

/** As `crashmon status` has it: the name of a master, of which the workers are meant, or of a program. */
export function processValue(text: string): string {
  if (/^[\w.+-]{1,32}(?: [\w.+-]{1,32})?$/.test(text)) return text;
  throw new InvalidArgumentError('Give the name that crashmon status shows, such as gunicorn.');
}

export function byteSizeValue(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes === null || bytes === 0) throw new InvalidArgumentError('Give a size such as 500MB or 2GB.');
  return bytes;
}

/** The probe looks at a heap from 32 MB on. */
const SMALLEST_HEAP_BYTES = 40e6;

export function heapSizeValue(text: string): number {
  const bytes = parseByteSize(text) ?? 0;
  if (bytes < SMALLEST_HEAP_BYTES) throw new InvalidArgumentError('Give a size of at least 40MB.');
  return bytes;
}

/** Help shows the default as it is typed. */
export function byteSizeOption(name: string, description: string, usual: string): Option {
  return new Option(`${name} <size>`, description)
    .argParser(byteSizeValue)
    .default(byteSizeValue(usual), usual);
}

/** `5/10m` */
export function restartLimitValue(text: string): RestartLimit {
  const [, most = '', duration = ''] = /^([1-9]\d{0,5})\/(.+)$/.exec(text) ?? [];
  const withinMs = parseDuration(duration);
  if (most === '' || withinMs === null || withinMs === 0) {
    throw new InvalidArgumentError('Give a number of restarts and a duration, such as 5/10m.');
  }
  return { most: Number(most), withinMs };
}

export function choiceValue<Choice extends string>(choices: readonly Choice[]): (text: string) => Choice {
  return (text) => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice === undefined) throw new InvalidArgumentError(`Give one of ${choices.join(', ')}.`);
    return choice;
  };
}

/** Names of apps and instances: shown everywhere, so short and printable. */
export function nameValue(text: string): string {
  if (!/^[\p{L}\p{N}@][\p{L}\p{N}@/._:~ -]{0,99}$/u.test(text)) {
    throw new InvalidArgumentError('Give a name of at most 100 letters, digits and the signs @ / . _ : ~ -');
  }
  return text;
}

/** More would be a list of what a machine runs. */
const MOST_CHILDREN = 5;

/** Names of programs, each given once; they are shown and sent. */
export function childrenValue(text: string, before: readonly string[] = []): string[] {
  if (!/^[\w.+-]{1,32}$/.test(text)) {
    throw new InvalidArgumentError(
      'Give the name of a program, without its path: at most 32 letters, digits and . _ + -',
    );
  }
  if (before.length === MOST_CHILDREN) throw new InvalidArgumentError(`Give at most ${MOST_CHILDREN} names.`);
  return [...before, text];
}

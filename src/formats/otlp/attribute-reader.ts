import { badField, type ReceivedLog, type ReceivedValue } from './received-log.ts';

export const MAX_LINE = 500;

/** Reads crashmon's own attributes from untrusted input. All methods throw CrashmonError BAD_REQUEST. */
export class AttributeReader {
  readonly #attributes: ReceivedLog['attributes'];

  constructor({ attributes }: Pick<ReceivedLog, 'attributes'>) {
    this.#attributes = attributes;
  }

  has(key: string): boolean {
    return this.#attributes.has(key);
  }

  /** One line: no control characters, which databases and terminals mind. */
  text(key: string, maxLength: number): string {
    return oneLine(key, this.#value(key), maxLength);
  }

  matching(key: string, pattern: RegExp): string {
    const value = this.#value(key);
    if (typeof value !== 'string' || !pattern.test(value)) throw badField(key, 'does not look as it should');
    return value;
  }

  /** Any text, to be parsed by the caller. */
  document(key: string, maxLength: number): string {
    const value = this.#value(key);
    if (typeof value !== 'string') throw badField(key, 'is not a string');
    if (value.length > maxLength) throw badField(key, 'is too long');
    return value;
  }

  texts(key: string, maxCount: number, maxLength: number): string[] {
    const value = this.#value(key);
    if (!Array.isArray(value)) throw badField(key, 'is not a list');
    if (value.length > maxCount) throw badField(key, 'has too many entries');
    return value.map((item) => oneLine(key, item, maxLength));
  }

  oneOf<Word extends string>(key: string, words: readonly Word[]): Word {
    const value = this.#value(key);
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw badField(key, 'has an unknown value');
    return word;
  }

  boolean(key: string): boolean {
    const value = this.#value(key);
    if (typeof value !== 'boolean') throw badField(key, 'is not a boolean');
    return value;
  }

  /** Whole and not negative. */
  count(key: string, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.#value(key);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > most) {
      throw badField(key, 'is not a whole number in range');
    }
    return value;
  }

  countOrNull(key: string, most?: number): number | null {
    return this.has(key) ? this.count(key, most) : null;
  }

  #value(key: string): ReceivedValue {
    const value = this.#attributes.get(key);
    if (value === undefined) throw badField(key, 'is missing');
    return value;
  }
}

/** Is it a line that can be stored and shown anywhere? */
export function isPlainLine(text: string): boolean {
  return text.isWellFormed() && !/\p{Cc}/u.test(text);
}

/** A line of text, as `isPlainLine` says. @throws CrashmonError BAD_REQUEST */
export function oneLine(key: string, value: unknown, maxLength: number): string {
  if (typeof value !== 'string') throw badField(key, 'is not a string');
  if (value.length > maxLength) throw badField(key, 'is too long');
  if (!isPlainLine(value)) throw badField(key, 'contains control characters');
  return value;
}

import { CrashmonError } from '../../model/crashmon-error.ts';

/** Longer texts are not parsed at all; a record of the probe has at most a message of 1 MiB, escaped. */
const MAX_TEXT_LENGTH = 16 * 1024 * 1024;

type Json = Readonly<Record<string, unknown>>;

/** Text of a file that a worker could write to: nothing about it is known. Throws BAD_RECORD. */
export function readJsonObject(text: string): Json {
  if (text.length > MAX_TEXT_LENGTH) throw bad('is too long');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message would quote the record.
    throw bad('is not JSON, or was cut short');
  }
  return asObject(value, 'record');
}

export function asObject(value: unknown, name: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw bad(`${name} is not an object`);
  return value as Json;
}

export function literal<const T extends string | number>(json: Json, key: string, allowed: readonly T[]): T {
  const value = own(json, key);
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw bad(`${key} has an unknown value`);
  return found;
}

export function boolean(json: Json, key: string): boolean {
  const value = own(json, key);
  if (typeof value !== 'boolean') throw bad(`${key} is no boolean`);
  return value;
}

export function string(json: Json, key: string, maxLength: number): string {
  const value = own(json, key);
  if (typeof value !== 'string') throw bad(`${key} is no string`);
  if (value.length > maxLength) throw bad(`${key} is too long`);
  return value;
}

export function stringOrNull(json: Json, key: string, maxLength: number): string | null {
  return own(json, key) === null ? null : string(json, key, maxLength);
}

export function integer(json: Json, key: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = number(json, key, least, most);
  if (!Number.isSafeInteger(value)) throw bad(`${key} is no integer`);
  return value;
}

export function integerOrNull(json: Json, key: string, least: number, most?: number): number | null {
  return own(json, key) === null ? null : integer(json, key, least, most);
}

export function number(json: Json, key: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = own(json, key);
  if (typeof value !== 'number' || !(value >= least && value <= most)) throw bad(`${key} is out of range`);
  return value;
}

export function array(json: Json, key: string, maxLength: number): readonly unknown[] {
  const value = own(json, key);
  if (!Array.isArray(value)) throw bad(`${key} is no array`);
  if (value.length > maxLength) throw bad(`${key} has too many elements`);
  return value;
}

export function own(json: Json, key: string): unknown {
  if (!Object.hasOwn(json, key)) throw bad(`${key} is missing`);
  return json[key];
}

/** Names fields only: a message of an error may be printed where a record's text must not. */
export function bad(what: string): CrashmonError {
  return new CrashmonError('BAD_RECORD', `a record of the probe cannot be used: ${what}`);
}

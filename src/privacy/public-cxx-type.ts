import { publicNativeFunction } from './public-native.ts';

/**
 * The name of the type of a C++ exception, as demanglers spell it: `app::MyError`, `app::Failure<int>`, `char const*`.
 * It was read from the memory of a crashing process, so the mangled name, if known, must be well-formed too; null for
 * anything else.
 */
export function publicCxxType(type: string, mangled: string | null): string | null {
  if (mangled !== null && !isMangledType(mangled)) return null;
  const pointee = type.replace(/(?: const)?\*{1,3}$/, '');
  return NO_TYPE.test(pointee) || publicNativeFunction(pointee) === null ? null : type;
}

/** Names of functions may hold these, types not. */
const NO_TYPE = /@|\boperator\b|^(?!\()[^<{(]*\(|\bfor | to /;

/** The Itanium C++ ABI's names of types: a length before each identifier, letters for what is built in. */
function isMangledType(mangled: string): boolean {
  const [, digits = '', rest = ''] = /^[PK]{0,6}(\d{0,3})(.*)$/s.exec(mangled) ?? [];
  if (mangled.length > 4096 || !/^[\w$.]+$/.test(rest)) return false;
  if (digits !== '') return rest.length >= Number(digits) && /^[A-Za-z_]/.test(rest);
  return /^(?:N.*E|S[tabsiod].*|Z.*|D?[a-z])$/.test(rest);
}

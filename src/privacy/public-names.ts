import { isSqlState } from '../model/sql-state.ts';

/** What a type's name looks like: `TypeError`, `mongo.MongoServerError`. */
export function publicType(type: string): string | null {
  return type.length <= 80 && /^[A-Za-z_$][\w$]*(?:\.[\w$]+)*$/.test(type) ? type : null;
}

/** What an error code looks like: `ECONNREFUSED`, `ERR_INVALID_ARG_TYPE`; a SQLSTATE where the type agrees. */
export function publicCode(code: string, exceptionType: string | null): string | null {
  return /^[A-Z][A-Z0-9_]{1,63}$/.test(code) || isSqlState(code, exceptionType) ? code : null;
}

/**
 * A function's name as V8 spells it: `Cart.total`, `new Cart`, `async Cart.#load [as load]`, `Promise.all (index 2)`.
 * A computed method name can be any text (`{ ['GET /users/alice']() {} }`); what is not built of identifiers is null.
 */
export function publicFunction(name: string): string | null {
  return name.length <= 200 && FUNCTION.test(name) ? name : null;
}

/** The name of an npm package. */
export function publicModule(name: string): string | null {
  return name.length <= 214 && /^(?:@[\w.~-]+\/)?[\w.~-]+$/.test(name) ? name : null;
}

const NAME = String.raw`(?:#?[\p{ID_Start}$_][\p{ID_Continue}$]*|<[a-z_]{1,40}>|\[(?:Symbol|nodejs)\.[\w.]{1,60}\])`;
const PATH = String.raw`${NAME}(?:\.{1,2}${NAME})*`;
const FUNCTION = new RegExp(
  String.raw`^(?:(?:async|new|get|set|bound) ){0,4}${PATH}(?: \[as ${PATH}\])?(?: \(index \d{1,4}\))?$`,
  'u',
);

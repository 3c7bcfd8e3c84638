/** What stands before the message: a type, and Node's code. */
export type PrintedType = { type: string | null; code: string | null; rest: string };

/**
 * `TypeError: …`, `Error [ERR_INVALID_ARG_TYPE]: …`, `[AggregateError: …]`; `isSure` false leaves only names that cannot
 * be the start of a sentence.
 */
export function printedType(line: string, isSure: boolean): PrintedType {
  const text = line.replace(/^\[/, '').replace(/^Uncaught (?:\(in promise\) )?/, '');
  const [all = '', type = null, bracket = null] = HEADER.exec(text) ?? [];
  const isType = type !== null && (isSure || /(?:Error|Exception)$/.test(type));
  const code = bracket !== null && CODE.test(bracket) ? bracket : null;
  return isType ? { type, code, rest: text.slice(all.length) } : { type: null, code: null, rest: '' };
}

const HEADER = /^([A-Za-z_$][\w$.]{0,99})(?: \[([\w.-]{1,64})\])?(?:: ?|\](?: \{)?$| \{$|$)/;
const CODE = /^[A-Z][A-Z0-9_]{1,63}$/;

/** What stands before the message: a type, and Node's code. */
export type PrintedType = { type: string | null; code: string | null };

/**
 * `TypeError: …`, `Error [ERR_INVALID_ARG_TYPE]: …`, `[AggregateError: …]`; `isSure` false leaves only names that cannot
 * be the start of a sentence. `next` is the line below.
 */
export function printedType(line: string, isSure: boolean, next = 'at '): PrintedType {
  // Without a message, the calls follow at once: anything else is another writer's line.
  if (/^[\w$.]+$/.test(line) && !next.trimStart().startsWith('at ')) return NONE;
  const text = line.replace(/^\[/, '').replace(/^Uncaught (?:\(in promise\) )?/, '');
  const [, type = null, bracket = null] = HEADER.exec(text) ?? [];
  const isType = type !== null && (isSure || /(?:Error|Exception)$/.test(type));
  const code = bracket !== null && CODE.test(bracket) ? bracket : null;
  return isType ? { type, code } : NONE;
}

const NONE: PrintedType = { type: null, code: null };

const HEADER = /^([A-Za-z_$][\w$.]{0,99})(?: \[([\w.-]{1,64})\])?(?:: ?|\](?: \{)?$| \{$|$)/;
const CODE = /^[A-Z][A-Z0-9_]{1,63}$/;

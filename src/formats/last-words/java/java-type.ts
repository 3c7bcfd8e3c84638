import type { Vouchers } from '../../../model/last-words.ts';

/** Names of throwable classes end like this; anything else that stands before a colon can be a message. */
const THROWABLE = /(?:Exception|Error|Throwable|ThreadDeath)$/;

/**
 * The type at the start of a throwable's text, `com.shop.CouponError: message`. `toString` of the app can print
 * anything there, so a type has a class or ends like one. @returns null if it is none
 */
export function typeIn(text: string, vouchers: Vouchers): string | null {
  const [, type] = /^([A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*){0,30})(?::|$)/.exec(text) ?? [];
  if (type === undefined || type.length > MAX_TYPE) return null;
  return THROWABLE.test(type) || vouchers.readClass(type) !== null ? type : null;
}

const MAX_TYPE = 300;

const DIES = /\b(?:die|croak|confess)\b/;
const WARNS = /\b(?:warn|carp|cluck)\b/;

/** Errors of Perl itself (perldiag(1)). */
const FATAL =
  /^(?:Can't (?!exec )|Illegal (?:division|modulus)|Not an? \w+ reference|Not enough arguments|Too (?:many|few) arguments|Undefined subroutine|Modification of |Global symbol |Bareword .{0,200} not allowed|Attempt to (?:access|bless|reload)|Insecure |panic: )/;

/** Warnings of Perl itself (perldiag(1)). */
const WARNING =
  /^(?:Use of uninitialized |Argument "|Useless |Deep recursion on |Odd number of |Reference found |Subroutine \S+ redefined|Scalar value |Name "|Possible |Unquoted |Wide character |substr outside |"\w+" variable |Exiting |Can't exec |Missing argument |Redundant argument |Negative repeat |Invalid conversion |\w+\(\) on |Statement unlikely |Found = in |Integer overflow |Variable "|Filehandle |Unsuccessful |Prototype mismatch)|isn't numeric in/;

/** The app's own statement says that it dies or warns: its message can be any text. */
export function isAppsOwn(statement: string): boolean {
  return DIES.test(statement) || WARNS.test(statement);
}

/**
 * Is a line with a place a death? `die` if the statement there or the message says so, `croak` if it may be a caller's line that
 * a module blames. @returns null for a warning
 */
export function perlVerdict(message: string, statement: string | null): 'die' | 'croak' | null {
  if (statement !== null && DIES.test(statement)) return 'die';
  if (statement !== null && WARNS.test(statement)) return null;
  if (WARNING.test(message)) return null;
  return FATAL.test(message) ? 'die' : 'croak';
}

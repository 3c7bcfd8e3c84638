/** Errors of Perl itself by how their message begins (perldiag(1)), and the form that each is. */
const FORMS: readonly (readonly [form: string, message: RegExp])[] = [
  ['missing-module', /^Can't locate [\w/]{1,300}\.(?:pm|pl|al) in @INC\b/],
  ['missing-method', /^Can't locate object method "\w{1,300}" via package "/],
  ['undefined-invocant', /^Can't call method "\w{1,300}" on an undefined value/],
  ['undefined-subroutine', /^Undefined subroutine &?[\w:]{1,300} called/],
  ['zero-division', /^Illegal (?:division by|modulus) zero/],
  [
    'wrong-reference',
    /^Not an? \w{1,20} reference|^Can't use (?:an undefined value|string \(".{0,200}) as an? \w{1,20} ref/,
  ],
  ['read-only-value', /^Modification of a read-only value attempted/],
];

/** The form of an error that Perl itself found; null for one of the app's, which can have any text. */
export function perlErrorForm(message: string): string | null {
  return FORMS.find(([, pattern]) => pattern.test(message))?.[0] ?? null;
}

import { type CauseCases, thrown } from './cause-cases.ts';

const perl = (type: string, stack?: string) => thrown('perl', type, stack);

export const PERL_CASES: Readonly<Record<string, CauseCases>> = {
  'perl-module-missing': { matches: [perl('missing module')], misses: [perl('Missing::Module')] },
  'perl-compilation-failed': { matches: [perl('compilation error')], misses: [perl('missing module')] },
  'perl-undefined-invocant': {
    matches: [perl('method call on an undefined value')],
    misses: [perl('missing method')],
  },
  'perl-method-missing': { matches: [perl('missing method')], misses: [perl('undefined subroutine')] },
  'perl-subroutine-undefined': {
    matches: [perl('undefined subroutine')],
    misses: [perl('missing method')],
  },
  'perl-division-by-zero': { matches: [perl('division by zero')], misses: [perl('Shop::DivisionByZero')] },
  'perl-wrong-reference': {
    matches: [perl('wrong kind of reference')],
    misses: [perl('method call on an undefined value')],
  },
  'perl-read-only-value': {
    matches: [perl('modification of a read-only value')],
    misses: [perl('wrong kind of reference')],
  },
  'perl-out-of-memory': { matches: [perl('out of memory')], misses: [perl('compilation error')] },
  'perl-system-call-failed': {
    matches: [perl('autodie::exception')],
    misses: [perl('autodie::exception::system'), perl('Shop::Exception')],
  },
};

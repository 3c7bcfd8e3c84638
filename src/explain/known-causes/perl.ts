import { ofType } from './conditions.ts';
import type { CatalogEntry } from './known-cause.ts';

const DOCS = 'https://perldoc.perl.org';

/** A type that stands for an error of Perl itself (`model/form-names.ts`): classes have no spaces. */
const isError = (name: string) => ofType(new RegExp(`^${name}$`));

/** Errors of Perl itself, of its core and of wide-spread modules; specific entries come first. */
export const PERL: readonly CatalogEntry[] = [
  {
    id: 'perl-module-missing',
    title: 'A Perl module was not found',
    matches: isError('missing module'),
    meaning: 'A module that is used or required is in no directory of @INC.',
    steps: [
      'Read the name of the module in the last output of the worker.',
      'Install it for the perl that runs the app, for example with cpanm --installdeps.',
      "For a module of the app's own, add its directory: use lib, perl -I or PERL5LIB.",
    ],
    link: `${DOCS}/perlvar`,
  },
  {
    id: 'perl-compilation-failed',
    title: 'Perl could not compile a file',
    matches: isError('compilation error'),
    meaning: 'A file has a syntax error, uses an undeclared name, or a module failed while it was loaded.',
    steps: [
      'Run perl -c on the file.',
      'Compare the version of Perl with the one that the app was developed with.',
    ],
    link: `${DOCS}/perldiag`,
  },
  {
    id: 'perl-undefined-invocant',
    title: 'A method was called on an undefined value',
    matches: isError('method call on an undefined value'),
    meaning: 'The value before the arrow was undef, so there was no object whose method could be called.',
    steps: [
      'Check in the first frame of your code which value can be undefined, and why.',
      'Check the value where it is created: a search that finds nothing often returns undef.',
    ],
    link: `${DOCS}/perlobj`,
  },
  {
    id: 'perl-method-missing',
    title: 'A class does not have the called method',
    matches: isError('missing method'),
    meaning:
      'Neither the class nor its parents have the method: misspelled, or the module of the class is not loaded.',
    steps: [
      'Check the name of the method, and that the module of the class is loaded with use.',
      'Compare the installed version of the module with the one that the app needs.',
    ],
    link: `${DOCS}/perlobj`,
  },
  {
    id: 'perl-subroutine-undefined',
    title: 'An undefined subroutine was called',
    matches: isError('undefined subroutine'),
    meaning: 'No subroutine of that name is defined in that package: misspelled, or not imported.',
    steps: [
      'Check the name in the first frame of your code.',
      'Check that its module is loaded, and that it exports the subroutine (@EXPORT_OK).',
    ],
    link: `${DOCS}/perlsub`,
  },
  {
    id: 'perl-division-by-zero',
    title: 'Perl division by zero',
    matches: isError('division by zero'),
    meaning: 'The right side of / or % was zero, or a value that counts as zero, such as undef or a text.',
    steps: ['Check the divisor in the first frame of your code, and where it comes from.'],
    link: `${DOCS}/perldiag`,
  },
  {
    id: 'perl-wrong-reference',
    title: 'A value was not the expected kind of reference',
    matches: isError('wrong kind of reference'),
    meaning:
      'The code used a value as a reference to a hash, an array or code, but it is of another kind, or undefined.',
    steps: [
      'Check in the first frame of your code what the value can be, for example by ref.',
      'Check data that comes from outside, such as JSON, before it is used.',
    ],
    link: `${DOCS}/perlref`,
  },
  {
    id: 'perl-read-only-value',
    title: 'A read-only value was modified',
    matches: isError('modification of a read-only value'),
    meaning: 'The code assigned to a constant, often through $_ in a loop, map or grep, or through @_.',
    steps: ['Work on a copy (my $copy = $_) in the first frame of your code.'],
    link: `${DOCS}/perldiag`,
  },
  {
    id: 'perl-out-of-memory',
    title: 'Perl could not allocate memory',
    matches: isError('out of memory'),
    meaning: 'The system refused memory: a limit of the process was reached, or one value was very large.',
    steps: [
      'Compare the memory limit (ulimit -v, cgroup) with the memory use of the process.',
      'Read large files and query results in parts.',
    ],
    link: `${DOCS}/perldiag`,
  },
  {
    id: 'perl-system-call-failed',
    title: 'A call failed under autodie',
    matches: ofType(/^autodie\.exception$/),
    meaning: 'autodie turned a failed call, such as open or close, into an exception that nothing caught.',
    steps: [
      'Read the call and the reason in the last output of the worker.',
      'For a file, check its path and permissions, and the working directory of the worker.',
    ],
    link: `${DOCS}/autodie`,
  },
];

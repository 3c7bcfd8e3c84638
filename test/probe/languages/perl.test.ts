import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { recorded, runArmed } from './armed-program.ts';

const run = (text: string, more: { args?: string[]; env?: Record<string, string>; files?: object } = {}) =>
  runArmed({
    runtime: 'perl',
    command: 'perl',
    args: [...(more.args ?? []), 'app.pl'],
    files: { 'app.pl': text, ...more.files },
    env: more.env ?? {},
  });

describe('a program that die ends', () => {
  const ways: Record<string, [string, string[]]> = {
    'with a text': [
      'sub price { die "CANARY" }\nsub pay { price(@_) }\npay("CANARY");',
      [': main::price app.pl:1 < main::pay app.pl:2 < null app.pl:3'],
    ],
    'with a text that has no place': [
      'sub f { die "CANARY\\n" }\nf();',
      [': main::f app.pl:1 < null app.pl:2'],
    ],
    'with an object': [
      'package Shop::CartError; sub new { bless { code => "CANARY" } }\npackage main;\ndie Shop::CartError->new;',
      ['Shop::CartError: null app.pl:3'],
    ],
    'with an error number as its code': ['open(my $f, "<", "/no") or die "CANARY $!";', [': null app.pl:1']],
    'after a die that was caught': ['eval { die "x" };\ndie "CANARY";', [': null app.pl:2']],
    'raised by perl': ['my $x = 0;\nprint 1 / $x;', [': null app.pl:2']],
  };
  for (const [name, [text, expected]] of Object.entries(ways)) {
    test(name, async () => assert.deepEqual(recorded(await run(text)), expected));
  }
});

describe('no record of', () => {
  const others: Record<string, string> = {
    'an exit after a die that was caught': 'eval { die "CANARY" } or warn $@;\nexit 255;',
    exit: 'exit 3',
    'a module that is optional': 'eval "use No::Such::Module; 1" or exit 1;',
    'an own handler': '$SIG{__DIE__} = sub { exit 4 }; die "CANARY"',
    'a forked worker': 'if (!fork) { open STDERR, ">", "/dev/null"; die "CANARY" } wait; exit 1;',
  };
  for (const [name, text] of Object.entries(others)) {
    test(name, async () => {
      const armed = await run(text);
      assert.notEqual(armed.claim, null);
      assert.deepEqual(armed.records, []);
    });
  }
});

const SURROUNDINGS = `
print join("|", @INC, map({ $_ // "-" } @ENV{qw(PERL5OPT PERL5LIB NODE_OPTIONS CRASHMON_PROBE_DIR)}), sort(keys %INC), $^W, $@, $! + 0), "\\n";
$| = 1;
system $^X, __FILE__, "child" unless @ARGV;
`;

describe('what the app and its children see', () => {
  test('is the same', async () => assert.notEqual((await run(SURROUNDINGS)).claim, null));

  test('is the same with options of its own', async () => {
    const env = { PERL5OPT: '-w -Mstrict', PERL5LIB: '/nowhere', PERLLIB: '/else' };
    assert.notEqual((await run(SURROUNDINGS, { env })).claim, null);
  });

  test('taint mode is honored, and no child is taken for the worker', async () => {
    const text = '$ENV{PATH} = "/usr/bin";\nsystem("perl", "-e", "die 1") and exit 1;';
    const armed = await run(text, { args: ['-T'] });
    assert.deepEqual([armed.code, armed.claim, armed.records], [1, null, []]);
  });
});

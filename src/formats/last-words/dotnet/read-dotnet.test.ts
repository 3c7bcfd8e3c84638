import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LastWords, PrintedError, Vouchers } from '../../../model/last-words.ts';
import { proveDeath } from '../../../policy/prove-death.ts';
import { lastLines } from '../words-window.ts';
import { writtenName } from './dotnet-call.ts';
import { readDotnet } from './read-dotnet.ts';

/** Texts of .NET 5 and later are from its documentation. */
const SOURCE = `namespace Shop;
class Cart
{
    public int Total(string price) => int.Parse(price);
    public async Task<int> Pay(string card)
    {
        return Total(card);
    }
}
`;

function read(text: string, source: string | null = null): LastWords | null {
  const readSource: Vouchers['readSource'] = (path) => (path === '/srv/shop/Cart.cs' ? source : null);
  return readDotnet(lastLines(text), { readSource, program: null, readClass: () => null });
}

function namesOf({ type, calls, refuted, ambiguous = 0, members }: PrintedError): object {
  const places = calls.map((call) => `${call.vouched} ${call.function}:${call.line}`);
  const left = { refuted, ...(ambiguous > 0 ? { ambiguous } : {}) };
  return { type, calls: places, ...left, ...(members.length === 0 ? {} : { members: members.map(namesOf) }) };
}

const CALLS = `   at System.Number.ThrowFormatException[TChar](ReadOnlySpan\`1 value)
   at System.Int32.Parse(String s)
   at Shop.Cart.Total(String price) in /srv/shop/Cart.cs:line 4
   at Shop.Cart.<Pay>d__1.MoveNext() in /srv/shop/Cart.cs:line 7
--- End of stack trace from previous location ---
   at Program.<Main>$(String[] args) in /srv/shop/Program.cs:line 1
   at Program.<Main>(String[] args)
`;
const NAMES = [
  'null System.Number.ThrowFormatException:null',
  'null System.Int32.Parse:null',
  'true Shop.Cart.Total:4',
  'true Shop.Cart.Pay:7',
  'null Program.Main:1',
  'null Program.Main:null',
];

test('an uncaught exception of .NET', () => {
  const words = read(
    `Unhandled exception. System.FormatException: The input string 'CANARY' was not in a correct format.\n${CALLS}`,
    SOURCE,
  );
  assert.ok(words !== null);
  assert.deepEqual(namesOf(words.error), { type: 'System.FormatException', calls: NAMES, refuted: 0 });
  const death = { runtime: 'dotnet', words, pid: 1, silenceMs: 3 } as const;
  assert.equal(proveDeath({ ...death, status: { type: 'signal', signal: 'SIGABRT' } }), 'proven');
  assert.equal(proveDeath({ ...death, status: { type: 'code', code: 1 } }), 'printed');
});

test('what caused it is printed before its own calls', () => {
  const words = read(
    `Unhandled exception. Shop.CartException: order\n ---> System.FormatException: CANARY\n${CALLS}   --- End of inner exception stack trace ---\n   at Shop.Cart.Total(String price) in /srv/shop/Cart.cs:line 4\n`,
    SOURCE,
  );
  assert.deepEqual(namesOf(words?.error as PrintedError), {
    type: 'Shop.CartException',
    calls: ['true Shop.Cart.Total:4'],
    refuted: 0,
  });
  assert.deepEqual(words?.causes.map(namesOf), [
    { type: 'System.FormatException', calls: NAMES, refuted: 0 },
  ]);
});

test('members of an AggregateException: the first is the cause', () => {
  const words = read(
    `Unhandled exception. System.AggregateException: One or more errors occurred. (a) (b)\n ---> System.FormatException: a\n   at Shop.Cart.Total(String price)\n   --- End of inner exception stack trace ---\n   at Program.Main()\n ---> (Inner Exception #1) System.ArgumentException: b\n   at Shop.Cart.Pay(String card)<---\n\n`,
  );
  assert.deepEqual(namesOf(words?.error as PrintedError), {
    ...{ type: 'System.AggregateException', calls: ['null Program.Main:null'], refuted: 0 },
    members: [
      { type: 'System.FormatException', calls: ['null Shop.Cart.Total:null'], refuted: 0 },
      { type: 'System.ArgumentException', calls: ['null Shop.Cart.Pay:null'], refuted: 0 },
    ],
  });
  assert.deepEqual(words?.causes, []);
});

test('a message imitates calls, causes and headings', () => {
  const real = '   at Shop.Cart.Total(String price) in /srv/shop/Cart.cs:line 4\n';
  const fakes = [
    '   at Ada.CANARY.Pay(Int32 x) in /srv/a.cs:line 4111',
    '   at Shop.CANARY.Pay(Int32 x) in /srv/shop/Cart.cs:line 4',
    '   at Shop.Cart.Total(Int32 x) in /srv/shop/Cart.cs:line 4111',
    ' ---> Ada.CANARYException: x',
    '   at Ada.CANARY.Pay(Int32 x)\n ---> Ada.CANARYException: x\n   at Ada.CANARY.Pay(Int32 x)',
    '   --- End of inner exception stack trace ---\n   at Ada.CANARY.Pay(Int32 x)',
    'Unhandled exception. Ada.CANARYException: y',
  ];
  for (const fake of fakes) {
    const words = read(`Unhandled exception. Shop.CartException: x\n${fake}\n${real}`, SOURCE);
    const found = [words?.error.type, words?.error.calls.map((call) => call.function), words?.causes];
    assert.deepEqual(found, ['Shop.CartException', ['Shop.Cart.Total'], []], fake);
  }
});

test('without sources, calls count only if nothing else stands between them', () => {
  const words = read(`Unhandled exception. Shop.CartException: x\nmore\n   at Ada.CANARY.Pay(Int32 x)\n`);
  assert.deepEqual(namesOf(words?.error as PrintedError), {
    type: 'Shop.CartException',
    calls: [],
    ...{ refuted: 0, ambiguous: 1 },
  });
});

test('deaths of .NET without an exception', () => {
  const calls = '   at Shop.Cart.Walk(Int32)\n';
  for (const [text, form, type] of [
    [
      `Stack overflow.\nRepeat 24079 times:\n--------------------------------\n${calls}--------------------------------\n${calls}`,
      'stack-overflow',
      null,
    ],
    [`Process terminated. CANARY\n${calls}`, 'fail-fast', null],
    [
      `Fatal error. System.AccessViolationException: Attempted to read or write protected memory.\n${calls}`,
      'fatal-error',
      'System.AccessViolationException',
    ],
  ] as const) {
    const words = read(text);
    assert.deepEqual([words?.form, words?.error.type], [form, type]);
    assert.doesNotMatch(JSON.stringify(words), /CANARY/);
  }
});

test('an indexer has no name in its source', () => {
  const source = 'class Prices\n{\n    public int this[string name] => prices[name];\n}\n';
  const words = read(
    'Unhandled exception. System.Exception: x\n   at Shop.Prices.get_Item(String name) in /srv/shop/Cart.cs:line 3\n',
    source,
  );
  assert.deepEqual(
    words?.error.calls.map(({ function: name, vouched }) => [name, vouched]),
    [['Shop.Prices.get_Item', true]],
  );
});

test('names are written as in the source', () => {
  for (const [printed, written] of [
    ['Shop.Cart`1[T].Go', 'Shop.Cart.Go'],
    ['Shop.Cart.<>c.<Total>b__1_0', 'Shop.Cart.Total'],
    ['Shop.Cart.<>c__DisplayClass1_0.<Total>b__0', 'Shop.Cart.Total'],
    ['Shop.Cart.<>c__DisplayClass1_0.<<Pay>b__0>d.MoveNext', 'Shop.Cart.Pay'],
    ['Shop.Cart.<Total>g__Round|2_0', 'Shop.Cart.Total.Round'],
    ['M.<Main>m__0', 'M.Main'],
    ['Shop.Cart+<Total>c__AnonStorey0.<>m__0', 'Shop.Cart.Total'],
    ['Shop.Cart+<All>c__Iterator0.MoveNext', 'Shop.Cart.All'],
    ['Shop.Cart..ctor', 'Shop.Cart..ctor'],
  ] as const)
    assert.equal(writtenName(printed), written);
});

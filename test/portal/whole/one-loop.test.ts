import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { crash, stop, until, Whole } from './whole.ts';

type Program = { command: string; file: string; text: string; title: string };

const node = (title: string, text: string): Program => {
  return { command: process.execPath, file: 'shop.js', text, title };
};
const thrown = (value: string) => `function pay() {\n  throw ${value};\n}\n${ON_REQUEST}`;
const rejected = (value: string) =>
  `async function pay() {\n  await null;\n  throw ${value};\n}\n${ON_REQUEST}`;
const ON_REQUEST = "process.stdin.once('data', () => pay());\nconsole.log('ready');\n";
const REJECTION =
  'UnhandledPromiseRejection ERR_UNHANDLED_REJECTION in processPromiseRejections (node:internal/process/promises)';

/** Programs of which a capture says more than their last words: the class of an error, the type of a value, callers. */
const PROGRAMS: Readonly<Record<string, Program>> = {
  'an error with a getter as name': node(
    'Coupon in pay (…/shop.js)',
    `class CouponError extends Error { get name() { return 'Coupon'; } }\n${thrown("new CouponError('CANARY')")}`,
  ),
  'a text': node('uncaught exception in …/shop.js', thrown("'CANARY'")),
  'a rejection with a text': node(REJECTION, rejected("'CANARY'")),
  python: {
    ...{ command: '/usr/bin/python3', file: 'shop.py', title: 'CouponError in pay (…/shop.py)' },
    text: `class CouponError(Exception): pass
def pay():
    try: {}["CANARY"]
    except KeyError as error: raise CouponError("CANARY") from error
print("ready", flush=True)
input()
pay()
`,
  },
  ruby: {
    ...{
      command: '/usr/bin/ruby',
      file: 'shop.rb',
      title: 'Shop::CouponError in total (…/shop.rb)',
    },
    text: `module Shop
  class CouponError < StandardError; end
  class Cart
    def total = raise(CouponError, "CANARY")
  end
end
$stdout.puts "ready"
$stdout.flush
gets
Shop::Cart.new.total
`,
  },
  perl: {
    ...{ command: '/usr/bin/perl', file: 'shop.pl' },
    title: 'uncaught exception in Shop::Cart::total (…/shop.pl)',
    text: `package Shop::Cart;
sub total {
    my ($card) = @_;
    die "CANARY";
}
sub pay {
    total(@_);
}
package main;
$| = 1;
print "ready\\n";
<STDIN>;
$! = 0;
Shop::Cart::pay("4111");
`,
  },
};

describe('a loop is one group: four crashes with last words, then a captured one', { concurrency: 2 }, () => {
  for (const [name, { command, file, text, title }] of Object.entries(PROGRAMS)) {
    test(name, async () => {
      await using whole = await Whole.create();
      await using app = await temporaryDirectory('loop');
      await writeFile(path.join(app.path, file), text);
      await whole.startPortal();
      await whole.putToken();
      await whole.signIn();
      const agent = whole.startAgent({ instance: 'web-1', command: [command, path.join(app.path, file)] });
      await agent.waitForLine('stdout', /ready/);
      for (let crashes = 0; crashes < 5; crashes++) await crash(agent);
      const crashes = await until('five reports are there', async () => {
        const found = (await whole.crashes()).filter(({ hasReport }) => hasReport);
        return found.length === 5 && found;
      });
      assert.deepEqual(
        crashes.map(({ captured }) => captured),
        [true, false, false, false, false],
      );
      const { signatures } = await whole.api<{ signatures: { title: string; crashes: number }[] }>(
        '/signatures?range=1d',
      );
      assert.deepEqual(
        signatures.map((one) => [one.title, one.crashes]),
        [[title, 5]],
      );
      await stop(agent);
      assert.doesNotMatch(await whole.page('/apps/shop'), /CANARY|4111/);
    });
  }
});

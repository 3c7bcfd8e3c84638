import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { crashmon } from '../support/crashmon.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { type ShownReport, untilShown } from '../support/until-reported.ts';

type Program = { command: string; file: string; text: string };

const node = (text: string): Program => ({ command: process.execPath, file: 'shop.js', text });

/** Programs that end of one cause, and print it. */
const PROGRAMS: Readonly<Record<string, Program>> = {
  'a class of its own with a code': node(`class CouponError extends Error {
  constructor(text) { super(text); this.name = 'CouponError'; this.code = 'ERR_COUPON'; }
}
class Cart {
  total() { throw new CouponError('4111'); }
}
function checkout(cart) { return cart.total(); }
checkout(new Cart());`),
  'an error with a cause': node(`function price() { return JSON.parse('{'); }
function total() {
  try { price(); } catch (error) { throw new Error('no total', { cause: error }); }
}
total();`),
  'a rejection': node(`async function load() { await null; throw new TypeError('4111'); }
async function main() { await load(); }
main();`),
  'a refused connection': node(`const net = require('node:net');
function connect() { net.connect(1, '127.0.0.1'); }
connect();`),
  'an aggregate':
    node(`function all() { throw new AggregateError([new TypeError('a'), new RangeError('b')]); }
all();`),
  recursion: node(`function walk(n) { return walk(n + 1) + 1; }
walk(0);`),
  python: {
    ...{ command: '/usr/bin/python3', file: 'shop.py' },
    text: `class CouponError(Exception): pass
def price(): raise KeyError("4111")
def total():
    try: price()
    except KeyError as error: raise CouponError("4111") from error
total()
`,
  },
  ruby: {
    ...{ command: '/usr/bin/ruby', file: 'shop.rb' },
    text: `module Shop
  class CouponError < StandardError; end
  class Cart
    def total = [1].each { |n| raise CouponError, "4111" }
  end
end
Shop::Cart.new.total
`,
  },
};

describe('a crash has the same signature, armed or not', { concurrency: 2 }, () => {
  for (const [name, program] of Object.entries(PROGRAMS)) {
    test(name, async () => {
      const unarmed = await reportOf(program, '9');
      const armed = await reportOf(program, '0');
      assert.deepEqual([unarmed.source, armed.source], ['last-words', 'capture']);
      assert.deepEqual(unarmed.signature, armed.signature);
    });
  }
});

async function reportOf({ command, file, text }: Program, armAfter: string): Promise<ShownReport> {
  await using state = await stateDirectory();
  await using app = await temporaryDirectory('app');
  await writeFile(path.join(app.path, file), text);
  const args = ['run', '--name', 'app', '--arm-after', armAfter, '--restart', 'never', '--', command, file];
  await crashmon(args, { stateDir: state.path, cwd: app.path });
  return await untilShown(state.path);
}

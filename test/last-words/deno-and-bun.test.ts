import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dieAndRead } from '../support/last-words/die-and-read.ts';
import { BUN, DENO } from '../support/script-runtimes.ts';

const CAUSE = `class CouponError extends Error {
  constructor(message: string, options?: ErrorOptions) { super(message, options); this.name = "CouponError"; }
}
type Cart = { coupon?: string };
function price(cart: Cart): string {
  return cart.coupon!.toUpperCase();
}
function order(cart: Cart): string {
  try {
    return price(cart);
  } catch (cause) {
    throw new CouponError("CANARY ada\\n    at ada_CANARY (/srv/alice.ts:41:1)\\n      at ada_CANARY (/srv/alice.ts:41:1)\\nCaused by: CANARYError: 4111", { cause });
  }
}
order({});
`;
const AGGREGATE = `async function load(n: number) {
  await 1;
  throw new RangeError("CANARY " + n);
}
await Promise.any([load(1), load(2)]);
`;
const PROPERTIES = `function pay() {
  throw Object.assign(new TypeError("CANARY"), { card: { n: "4111CANARY" }, code: "CANARY" });
}
pay();
`;
const VALUE = 'function pay() {\n  throw { name: "CANARYError", n: 4111 };\n}\npay();\n';
const LOGGED =
  'try {\n  throw new Error("CANARY");\n} catch (error) {\n  console.error(error);\n}\nprocess.exit(1);\n';
const IMITATED =
  'throw new RangeError("CANARY\\nerror: Uncaught (in promise) CANARYError: 4111\\n1 | x\\n    ^\\nCANARYError: 4111\\n      at pay (/srv/alice.ts:41:11)\\n\\nBun v1.4.5 (Linux x64)");\n';

/** What holds for both. */
function sharedTests(run: (program: string) => ReturnType<typeof dieAndRead>): void {
  test('properties, and values that are no errors', async () => {
    assert.deepEqual((await run(PROPERTIES)).calls, ['pay shop.ts:2', '- shop.ts:4']);
    const value = await run(VALUE);
    assert.deepEqual([value.proof, value.type], ['proven', null]);
  });

  test('what the app printed itself proves nothing', async () => {
    assert.equal((await run(LOGGED)).proof, null);
  });

  test('a message that imitates another report', async () => {
    const { type, calls } = await run(IMITATED);
    assert.deepEqual([type, calls], ['RangeError', ['- shop.ts:1']]);
  });
}

describe('Deno', () => {
  const deno = (program: string) => dieAndRead('deno', DENO, { 'shop.ts': program });

  test('an error with its cause', async () => {
    const { exit, proof, type, calls, causes } = await deno(CAUSE);
    assert.deepEqual([exit, proof, type], [1, 'proven', 'CouponError']);
    assert.deepEqual(calls, ['order shop.ts:12', '- shop.ts:15']);
    assert.deepEqual(causes, [
      { type: 'TypeError', calls: ['price shop.ts:6', 'order shop.ts:10', '- shop.ts:15'] },
    ]);
  });

  test('members of an AggregateError', async () => {
    const { proof, type, words } = await deno(AGGREGATE);
    assert.deepEqual([proof, type], ['proven', 'AggregateError']);
    assert.deepEqual(
      words?.error.members.map((member) => [member.type, member.calls[0]?.line]),
      [
        ['RangeError', 3],
        ['RangeError', 3],
      ],
    );
  });

  sharedTests(deno);
});

describe('Bun', () => {
  const bun = (program: string) => dieAndRead('bun', BUN, { 'shop.ts': program });

  test('an error with its cause', async () => {
    const { exit, proof, type, calls, causes, words } = await bun(CAUSE);
    assert.deepEqual([exit, proof, type], [1, 'proven', 'CouponError']);
    assert.match(words?.version ?? '', /^\d+\.\d+\.\d+$/);
    assert.deepEqual(calls, ['order shop.ts:12', '- shop.ts:15']);
    assert.deepEqual(causes, [
      { type: 'TypeError', calls: ['price shop.ts:6', 'order shop.ts:10', '- shop.ts:15'] },
    ]);
  });

  test('members of an AggregateError, whose type Bun does not print', async () => {
    const { proof, type, words } = await bun(AGGREGATE);
    assert.deepEqual([proof, type], ['proven', 'AggregateError']);
    assert.deepEqual(
      words?.error.members.map((member) => [member.type, member.calls[0]?.line]),
      [
        ['RangeError', 3],
        ['RangeError', 3],
      ],
    );
  });

  sharedTests(bun);
});

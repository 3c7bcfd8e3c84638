import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dieAndRead } from '../support/last-words/die-and-read.ts';

const PYTHON = ['python3'];
const python = (program: string, more: Record<string, string> = {}) =>
  dieAndRead('python', PYTHON, { 'shop.py': program, ...more });

const CART = `class CartError(Exception):
    pass


def price(cart):
    return cart["CANARY"].lower()


def order(cart):
    try:
        price(cart)
    except KeyError as error:
        raise CartError("CANARY ada@example.org\\n  second line: 4111") from error
`;

test('an exception with its cause, in another module', async () => {
  const { exit, proof, type, calls, causes } = await python('import cart\n\ncart.order({})\n', {
    'cart.py': CART,
  });
  assert.deepEqual([exit, proof, type], [1, 'likely', 'cart.CartError']);
  assert.deepEqual(calls, ['order cart.py:13', '<module> shop.py:3']);
  assert.deepEqual(causes, [{ type: 'KeyError', calls: ['price cart.py:6', 'order cart.py:11'] }]);
});

test('the members of a group, and what caused them', async () => {
  const { proof, type, words, calls } = await python(`def fail(name):
    try:
        {}[name]
    except KeyError as error:
        raise ValueError("CANARY " + name) from error
def serve():
    errors = []
    for name in ("CANARY_a", "CANARY_b"):
        try: fail(name)
        except ValueError as error: errors.append(error)
    raise ExceptionGroup("CANARY", [*errors, ExceptionGroup("CANARY", [TypeError("4111")])])
serve()
`);
  assert.deepEqual([proof, type], ['likely', 'ExceptionGroup']);
  assert.deepEqual(calls, ['serve shop.py:11', '<module> shop.py:12']);
  const members = words?.error.members ?? [];
  assert.deepEqual(
    members.map((member) => member.type),
    ['ValueError', 'KeyError', 'ValueError', 'KeyError', 'ExceptionGroup'],
  );
  assert.deepEqual(
    members.at(-1)?.members.map((member) => member.type),
    ['TypeError'],
  );
});

describe('what ends no process', () => {
  const main = '\nprint("still alive", file=sys.stderr)\nsys.exit(1)\n';

  test('an exception in a thread', async () => {
    const { exit, proof, words } = await python(
      'import sys, threading\ndef work(): raise KeyError("CANARY")\nt = threading.Thread(target=work)\nt.start(); t.join()\nsys.exit(1)\n',
    );
    assert.deepEqual([exit, proof, words?.thread], [1, null, 'other']);
  });

  test('a task that nothing awaited', async () => {
    const { exit, proof } = await python(
      'import asyncio, gc, sys\nasync def bad(): raise KeyError("CANARY")\nasync def main():\n    asyncio.create_task(bad())\n    await asyncio.sleep(0.01)\nasyncio.run(main()); gc.collect()\nsys.exit(1)\n',
    );
    assert.deepEqual([exit, proof], [1, 'printed']);
  });

  test('a traceback that a logger printed, and lines of the log after it', async () => {
    const { exit, proof } = await python(
      `import logging, sys\nlogging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")\ntry: {}["CANARY"]\nexcept KeyError: logging.exception("CANARY")\nlogging.warning("CANARY goes on")${main}`,
    );
    assert.deepEqual([exit, proof], [1, 'printed']);
  });

  test('a traceback in a line of JSON, however long', async () => {
    for (const more of ['', '    x = 1\n'.repeat(100)]) {
      const { proof, type, calls } = await python(
        `import json, sys, traceback\ndef deep(n):\n    if n: return deep(n - 1) if n % 2 else deep(n - 1)\n${more}    return {}["CANARY"]\n` +
          'try: deep(9 if len(sys.argv) > 9 else 2)\nexcept KeyError: print(json.dumps({"level": "error", "text": "CANARY" * 300, "exc_info": traceback.format_exc()}), file=sys.stderr)\nsys.exit(1)\n',
      );
      assert.deepEqual([proof, type], ['printed', 'KeyError']);
      assert.match(calls[0] ?? '', /^deep shop\.py:\d+$/);
    }
  });

  test('another exit code than that of an exception', async () => {
    const { exit, proof } = await python(
      'import sys, traceback\ntry: {}["CANARY"]\nexcept KeyError: traceback.print_exc()\nsys.exit(3)\n',
    );
    assert.deepEqual([exit, proof], [3, 'printed']);
  });

  test('SIGINT', async () => {
    const { exit, proof } = await python('import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n');
    assert.deepEqual([exit, proof], ['SIGINT', null]);
  });
});

test('what the interpreter prints while it ends is not the cause', async () => {
  const { proof, type, calls } = await python(`import sys
class Pool:
    def __del__(self): raise RuntimeError("CANARY")
pool = Pool()
sys.modules["CANARY"] = pool
def serve(): raise ValueError("CANARY")
serve()
`);
  assert.deepEqual([proof, type], ['likely', 'ValueError']);
  assert.deepEqual(calls, ['serve shop.py:6', '<module> shop.py:7']);
});

describe('a message that imitates a traceback', () => {
  test('of files that do not exist, of other lines and of other functions', async () => {
    const fake = [
      'Traceback (most recent call last):',
      '  File "/srv/CANARY.py", line 41, in ada_CANARY',
      '    pay(4111)',
      'CANARYError: x',
      '',
      'During handling of the above exception, another exception occurred:',
      '',
      'Traceback (most recent call last):',
      '  File "shop.py", line 2, in CANARY',
      '    raise ValueError(text)',
      '  File "shop.py", line 3, in fail',
      '    raise ValueError(text)',
      'CANARYError: x',
    ];
    const { proof, type, calls, causes } = await python(
      `def fail(text):\n    raise ValueError(text)\nfail(${JSON.stringify(`CANARY\n${fake.join('\n')}`)})\n`,
    );
    assert.deepEqual([proof, type, causes], ['likely', 'ValueError', []]);
    assert.deepEqual(calls, ['fail shop.py:2', '<module> shop.py:3']);
  });

  test('that is one: of traceback.format_exc', async () => {
    const { type } = await python(`import traceback
def fail():
    try: {}["CANARY"]
    except KeyError: text = traceback.format_exc()
    raise RuntimeError("CANARY:\\n" + text)
fail()
`);
    assert.equal(type, 'RuntimeError');
  });
});

test('lines of other threads between those of a traceback', async () => {
  const { type, calls } = await python(`import os, threading, time
def chatter():
    while True:
        os.write(2, b"GET /cart 200 CANARY\\n")
        time.sleep(0.0001)
for _ in range(3): threading.Thread(target=chatter, daemon=True).start()
time.sleep(0.02)
def deep(n):
    if n: return deep(n - 1)
    return {}["CANARY"]
deep(30)
`);
  // What was torn apart is left out, whichever line it is.
  assert.ok(type === null || type === 'KeyError', String(type));
  const all = ['deep shop.py:10', 'deep shop.py:9', '<module> shop.py:11'];
  assert.deepEqual(
    calls,
    all.filter((call) => calls.includes(call)),
  );
});

test('a syntax error, in the program and in what it imports', async () => {
  const own = await python('def f():\n    if x = "CANARY":\n');
  assert.deepEqual([own.proof, own.type, own.calls], ['likely', 'SyntaxError', ['- shop.py:2']]);
  const other = await python('import cart\n', { 'cart.py': '\n\nx = = "CANARY"\n' });
  assert.deepEqual([other.proof, other.type], ['likely', 'SyntaxError']);
  assert.equal(other.calls[0], '- cart.py:3');
});

test('a fatal signal, with faulthandler', async () => {
  const { exit, proof, words, calls } = await dieAndRead('python', ['python3', '-X', 'faulthandler'], {
    'shop.py': 'import ctypes\ndef crash(): ctypes.string_at(0)\ncrash()\n',
  });
  assert.deepEqual([exit, proof, words?.signal], ['SIGSEGV', 'proven', 'SIGSEGV']);
  assert.match(calls[0] ?? '', /^string_at __init__\.py:\d+$/);
  assert.deepEqual(calls.slice(1), ['crash shop.py:2', '<module> shop.py:3']);
});

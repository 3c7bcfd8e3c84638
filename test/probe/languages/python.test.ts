import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { recorded, runArmed } from './armed-program.ts';

/** Not what a version manager has put before it. */
const PYTHON = '/usr/bin/python3';

const run = (text: string, more: { args?: string[]; env?: Record<string, string>; files?: object } = {}) =>
  runArmed({
    runtime: 'python',
    command: PYTHON,
    args: [...(more.args ?? []), 'app.py'],
    files: { 'app.py': text, ...more.files },
    env: more.env ?? {},
  });

const CHAIN = `
class CartError(Exception):
    pass

def price(code):
    raise KeyError(code)

def pay():
    try:
        price("CANARY")
    except KeyError as error:
        raise CartError("CANARY") from error

pay()
`;

describe('a program that an exception ends', () => {
  test('with its cause', async () => {
    assert.deepEqual(recorded(await run(CHAIN)), [
      'CartError: pay app.py:12 < <module> app.py:14',
      'KeyError: price app.py:6 < pay app.py:10',
    ]);
  });

  const ways: Record<string, [string, string[]]> = {
    'an exception while another is handled': [
      'try:\n    1/0\nexcept ZeroDivisionError:\n    {}["CANARY"]',
      ['KeyError: <module> app.py:4', 'ZeroDivisionError: <module> app.py:2'],
    ],
    'raise … from None': [
      'try:\n    1/0\nexcept ZeroDivisionError:\n    raise ValueError("CANARY") from None',
      ['ValueError: <module> app.py:4'],
    ],
    'a hook that the app put in place': [
      'import sys\nsys.excepthook = lambda *all: print("ours", file=sys.stderr)\nint("CANARY")',
      ['ValueError: <module> app.py:3'],
    ],
    'a type in a module': [
      'import json\njson.loads("{CANARY")',
      [
        'json.decoder.JSONDecodeError: raw_decode decoder.py:LINE < decode decoder.py:LINE < loads __init__.py:LINE < <module> app.py:2',
      ],
    ],
    'a syntax error in an import': ['import broken', ['SyntaxError: null broken.py:2 < <module> app.py:1']],
    'attributes that lie': [
      'class E(Exception):\n    __cause__ = property(lambda self: 1/0)\n    def __bool__(self): raise KeyError("CANARY")\n    @property\n    def __class__(self): raise KeyError()\nraise E("CANARY")',
      ['E: <module> app.py:6'],
    ],
  };
  for (const [name, [text, expected]] of Object.entries(ways)) {
    test(name, async () => {
      const lines = recorded(await run(text, { files: { 'broken.py': 'x = 1\ny = = 2\n' } }));
      assert.deepEqual(
        lines.map((line) => line.replace(/((?:decoder|__init__)\.py):\d+/g, '$1:LINE')),
        expected,
      );
    });
  }

  test('members of a group', async () => {
    const text =
      'def fail(n):\n    try:\n        raise ValueError("CANARY")\n    except ValueError as error:\n        return error\nraise ExceptionGroup("CANARY", [fail(1), KeyError("CANARY")])';
    assert.deepEqual(recorded(await run(text)), [
      'ExceptionGroup: <module> app.py:6',
      '  + ValueError: fail app.py:3',
      '  + KeyError: ',
    ]);
  });

  test('a recursion: its ends are there', async () => {
    const { records } = await run('def f(n):\n    return f(n + 1)\nf(0)');
    const frames = records[0]?.thrown?.frames ?? [];
    assert.equal(records[0]?.thrown?.type, 'RecursionError');
    assert.ok(frames.length > 900 && frames.length < 1100);
    assert.equal(frames.at(-1)?.function, '<module>');
  });

  test('a program in a module, and one on the command line', async () => {
    const module = await runArmed({
      runtime: 'python',
      command: PYTHON,
      args: ['-m', 'app'],
      files: { 'app.py': 'int("CANARY")' },
    });
    assert.match(recorded(module)[0] ?? '', /^ValueError: <module> app\.py:1 < _run_code /);
    const line = await runArmed({ runtime: 'python', command: PYTHON, args: ['-c', '1/0'], files: {} });
    assert.deepEqual(recorded(line), ['ZeroDivisionError: <module> <string>:1']);
  });
});

describe('no record of', () => {
  const others: Record<string, string> = {
    'an exit after a traceback':
      'import sys, traceback\ntry:\n    1/0\nexcept Exception:\n    traceback.print_exc()\n    sys.exit(1)',
    'sys.exit with a text': 'import sys\nsys.exit("CANARY")',
    'os._exit': 'import os\nos._exit(1)',
    'an exception in a thread':
      'import threading\nthread = threading.Thread(target=lambda: 1/0)\nthread.start()\nthread.join()',
    'an exception in a console of the app':
      'import code, sys\ncode.InteractiveInterpreter().runcode(compile("1/0", "<console>", "exec"))\nsys.exit(1)',
    'an interrupt': 'raise KeyboardInterrupt()',
    'a forked worker': 'import os\nif os.fork() == 0:\n    1/0\nos.wait()',
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
import os, subprocess, sys
print(sys.path, sys.modules.get("sitecustomize"), sorted(sys.path_importer_cache), sys.excepthook)
for name in "PYTHONPATH", "PYTHONFAULTHANDLER", "NODE_OPTIONS", "CRASHMON_PROBE_DIR":
    print(name, os.environ.get(name))
if len(sys.argv) == 1:
    sys.stdout.flush()
    subprocess.run([sys.executable, __file__, "child"])
`;

describe('what the app and its children see', () => {
  test('is the same', async () => {
    assert.notEqual((await run(SURROUNDINGS)).claim, null);
  });

  test('is the same with a path and a sitecustomize of its own', async () => {
    const files = { 'sitecustomize.py': 'print("CUSTOM")\n' };
    const armed = await runArmed({
      runtime: 'python',
      command: PYTHON,
      args: ['app.py'],
      files: { 'app.py': SURROUNDINGS, ...files },
      env: { PYTHONPATH: '.:/nowhere', PYTHONFAULTHANDLER: '1' },
    });
    assert.notEqual(armed.claim, null);
    assert.equal(armed.stdout.match(/CUSTOM/g)?.length, 2);
  });

  test('is the same if its sitecustomize fails', async () => {
    const files = { 'sitecustomize.py': 'import no_such_module\n' };
    const armed = await run(SURROUNDINGS, { files, env: { PYTHONPATH: '.' } });
    assert.match(armed.stderr, /Error in sitecustomize/);
    assert.notEqual(armed.claim, null);
  });

  for (const option of ['-I', '-E', '-S']) {
    test(`${option} is honored, and no child is taken for the worker`, async () => {
      const text =
        'import subprocess, sys\nsys.exit(subprocess.run([sys.executable, "-c", "1/0"]).returncode)';
      const armed = await run(text, { args: [option] });
      assert.deepEqual([armed.code, armed.claim, armed.records], [1, null, []]);
    });
  }

  test('a starter leaves the environment for the program that it executes', async () => {
    const starter = 'import os, sys\nos.execv(sys.executable, [sys.executable, "app.py"])';
    const armed = await runArmed({
      runtime: 'python',
      command: PYTHON,
      args: ['poetry', 'run'],
      files: { poetry: starter, 'app.py': CHAIN },
    });
    assert.equal(recorded(armed).length, 2);
  });

  test('in a virtual environment', async () => {
    const armed = await runArmed({
      runtime: 'python',
      command: '/bin/sh',
      args: ['-c', `${PYTHON} -I -m venv --without-pip venv && exec venv/bin/python app.py`],
      files: { 'app.py': `${SURROUNDINGS}${CHAIN}` },
    });
    assert.equal(recorded(armed).length, 2);
  });

  test('nothing is written into the folder of the probe', async () => {
    await run('1/0');
    assert.deepEqual(readdirSync('src/probe/python').sort(), [
      '__pycache__',
      'last_exception.py',
      'sitecustomize.py',
    ]);
  });
});

test('gunicorn --preload: the exception of the app, and nothing of its workers', async () => {
  const wsgi = 'def application(environ, start_response):\n    pass\nprice = {}["CANARY"]\n';
  const armed = await runArmed({
    runtime: 'python',
    command: '/bin/sh',
    args: ['-c', 'exec gunicorn --preload --log-level critical -b 127.0.0.1:0 wsgi:application'],
    files: { 'wsgi.py': wsgi },
  });
  assert.match(recorded(armed)[0] ?? '', /^KeyError: <module> wsgi\.py:3 </);
});

test('too many open files can be the crash', async () => {
  const text = 'import os\nwhile True:\n    os.dup(1)\n';
  const armed = await runArmed({
    runtime: 'python',
    command: '/bin/sh',
    args: ['-c', `ulimit -n 30; exec ${PYTHON} app.py`],
    files: { 'app.py': text },
  });
  assert.deepEqual(recorded(armed), ['OSError: <module> app.py:3']);
});

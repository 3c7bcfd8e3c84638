import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { crashmon, startCrashmon } from '../support/crashmon.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { storedExits } from '../support/stored-exits.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { untilShown } from '../support/until-reported.ts';

/** Not what a version manager has put before it. */
const PYTHON = '/usr/bin/python3';
const RUN = ['run', '--name', 'shop', '--restart-delay', '0'];

const PROGRAMS = {
  python: {
    command: [PYTHON, 'app.py'],
    text: 'def price(code):\n    return {}[code]\n\ndef pay():\n    price("CANARY")\n\npay()\n',
    variables: ['PYTHONPATH', 'PYTHONFAULTHANDLER'],
    title: 'KeyError in price (app.py)',
  },
  ruby: {
    command: ['ruby', 'app.rb'],
    text: 'def price(code)\n  raise KeyError, code\nend\ndef pay\n  price("CANARY")\nend\npay\n',
    variables: ['RUBYOPT'],
    title: 'KeyError in price (app.rb)',
  },
} as const;

describe('a crash loop is captured with exact proof, and is one group with what was read before', () => {
  for (const [name, { command, text, title }] of Object.entries(PROGRAMS)) {
    test(name, async () => {
      await using state = await stateDirectory();
      await using app = await temporaryDirectory('loop');
      const options = { stateDir: state.path, cwd: app.path };
      await writeFile(path.join(app.path, command[1]), text);
      const policy = ['--arm-after', '1', '--max-restarts', '2/1h'];
      await using program = startCrashmon([...RUN, ...policy, '--', ...command], options);
      await program.exited;
      assert.match(program.stderr, /restart 2\).*armed: the next crash will be captured/);
      const [last, , first] = storedExits(state.path);
      const captured = await untilShown(state.path, last?.id);
      assert.deepEqual([captured.source, captured.runtime?.name], ['capture', name]);
      assert.ok(captured.frames.every(({ trust, line }) => trust === 'call-site' && line !== null));
      assert.equal(captured.signature.title, title);
      assert.deepEqual([last?.captured, last?.verdict.reason.code], [true, 'uncaught-exception']);
      const read = await untilShown(state.path, first?.id);
      assert.equal(read.source, 'last-words');
      assert.deepEqual(read.signature.values, captured.signature.values);
    });
  }
});

describe('what was set is shown', () => {
  for (const [name, { command, text, variables }] of Object.entries(PROGRAMS)) {
    test(name, async () => {
      await using state = await stateDirectory();
      await using app = await temporaryDirectory('status');
      const options = { stateDir: state.path, cwd: app.path };
      await writeFile(path.join(app.path, command[1]), `${name === 'python' ? 'input()' : 'gets'}\n${text}`);
      await using program = startCrashmon([...RUN, '--arm-after', '0', '--', ...command], {
        ...options,
        input: 'open',
      });
      await program.waitForLine('stderr', /started, pid \d+, .*armed: the next crash/);
      const [status] = JSON.parse((await crashmon(['status', '--json'], options)).stdout).apps;
      assert.deepEqual(status.startedWith, { runtime: name, gives: 'probe', variables });
      const shown = (await crashmon(['status'], options)).stdout;
      assert.match(shown, new RegExp(`environment of the worker: ${variables.join(', ')} \\(the probe of`));
      program.kill('SIGTERM');
      await program.exited;
    });
  }
});

/** Code that the app evaluates under names that it chose: of no file, and as the language names its own. */
const EVALUATES = {
  python: `import os
for place in ['/home/a/canary.py', os.getcwd() + '/canary.py', '/x/site-packages/canary/canary.py', '<frozen canary>']:
    made = {'inner': globals().get('made', {}).get('fail')}
    exec(compile("def fail():\\n  if inner: inner()\\n  raise KeyError('x')\\n", place, 'exec'), made)
made['fail']()
`,
  ruby: `inner = nil
['/home/a/canary.rb', Dir.pwd + '/canary.rb', '/x/gems/canary-1.0/canary.rb', '<internal:canary>'].each do |place|
  before = inner
  inner = eval("-> { before ? before.call : raise(KeyError, 'x') }", binding, place, 1)
end
inner.call
`,
} as const;

describe('a name of evaluated code stays here', () => {
  for (const [name, text] of Object.entries(EVALUATES)) {
    test(name, async () => {
      await using state = await stateDirectory();
      await using app = await temporaryDirectory('evaluated');
      const options = { stateDir: state.path, cwd: app.path };
      const { command } = PROGRAMS[name as keyof typeof PROGRAMS];
      await writeFile(path.join(app.path, command[1]), text);
      await crashmon([...RUN, '--arm-after', '0', '--restart', 'never', '--', ...command], options);
      const report = await untilShown(state.path, storedExits(state.path)[0]?.id);
      assert.equal(report.source, 'capture');
      const nameless = report.frames.filter(({ file }) => file === '…');
      assert.equal(
        nameless.reduce((sum, { repeat }) => sum + repeat, 0),
        4,
      );
      assert.doesNotMatch(JSON.stringify(report), /canary/i);
    });
  }
});

test('a worker that ends deliberately after a traceback is no uncaught exception once it is armed', async () => {
  await using state = await stateDirectory();
  await using app = await temporaryDirectory('printed');
  const options = { stateDir: state.path, cwd: app.path };
  const text =
    'import sys, traceback\ntry:\n    {}["CANARY"]\nexcept KeyError:\n    traceback.print_exc()\n    sys.exit(1)\n';
  await writeFile(path.join(app.path, 'app.py'), text);
  const policy = ['--arm-after', '1', '--max-restarts', '2/1h'];
  await using program = startCrashmon([...RUN, ...policy, '--', PYTHON, 'app.py'], options);
  await program.exited;
  assert.match(program.stderr, /no capture possible: .* no exception ended its main process/);
  const [armed, , first] = storedExits(state.path);
  const proofOf = async (id: string | undefined) => (await untilShown(state.path, id)).proof;
  assert.deepEqual([await proofOf(first?.id), await proofOf(armed?.id)], ['likely', 'printed']);
  assert.equal(storedExits(state.path)[0]?.verdict.suspected, true);
});

test('Rust is not armed, and prints its stack after as many crashes', async () => {
  await using state = await stateDirectory();
  await using app = await temporaryDirectory('rust');
  const env = { RUST_BACKTRACE: undefined, RUST_LIB_BACKTRACE: undefined };
  const options = { stateDir: state.path, cwd: app.path, env };
  await writeFile(path.join(app.path, 'app.rs'), 'fn main() {\n    None::<i32>.unwrap();\n}\n');
  execFileSync('rustc', ['-g', 'app.rs'], { cwd: app.path, stdio: 'pipe' });
  const policy = ['--arm-after', '1', '--max-restarts', '2/1h'];
  await using program = startCrashmon([...RUN, ...policy, '--', './app'], options);
  await program.exited;
  assert.doesNotMatch(program.stderr, /armed: /);
  const parts = program.stderr.split(/shop started.*\n/);
  assert.deepEqual(
    parts.map((part) => /^stack backtrace:/m.test(part)),
    [false, false, false, true],
  );
});

test('PHP is not armed, and prints more after as many crashes', async () => {
  await using state = await stateDirectory();
  await using app = await temporaryDirectory('words');
  const options = { stateDir: state.path, cwd: app.path, env: { PHPRC: app.path } };
  await writeFile(path.join(app.path, 'app.php'), '<?php throw new DomainException("x");');
  await writeFile(path.join(app.path, 'php.ini'), '');
  const policy = ['--arm-after', '1', '--max-restarts', '2/1h'];
  await using program = startCrashmon([...RUN, ...policy, '--', 'php', 'app.php'], options);
  await program.exited;
  assert.doesNotMatch(program.stderr, /armed: /);
  const parts = program.stderr.split(/shop started.*\n/);
  assert.deepEqual(
    parts.map((part) => /PHP Fatal error/.test(part)),
    [false, false, false, true],
  );
});

test('a worker that cannot be started with the probe is not armed again', async () => {
  await using state = await stateDirectory();
  await using app = await temporaryDirectory('harmed');
  const options = { stateDir: state.path, cwd: app.path };
  await writeFile(path.join(app.path, 'app.rb'), 'raise KeyError\n');
  const start = '#!/bin/sh\nRUBYOPT=$(echo "$RUBYOPT" | sed s/probe.rb/gone.rb/) exec ruby app.rb\n';
  await writeFile(path.join(app.path, 'start'), start, { mode: 0o755 });
  const policy = ['--arm-after', '1', '--max-restarts', '4/1h'];
  await using program = startCrashmon([...RUN, ...policy, '--', './start'], options);
  await program.exited;
  assert.equal(program.stderr.match(/cannot load such file/g)?.length, 1);
  assert.match(program.stderr, /cannot be armed: it does not start with the probe/);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { recorded, runArmed } from './armed-program.ts';

const run = (text: string, more: { args?: string[]; env?: Record<string, string>; files?: object } = {}) =>
  runArmed({
    runtime: 'ruby',
    command: 'ruby',
    args: [...(more.args ?? []), 'app.rb'],
    files: { 'app.rb': text, ...more.files },
    env: more.env ?? {},
  });

const CHAIN = `module Shop
  class CartError < StandardError; end
end
def price(code)
  raise KeyError, code
end
def pay
  price('CANARY')
rescue KeyError
  raise Shop::CartError, 'CANARY'
end
pay
`;
const CHAIN_OUTLINE = [
  'Shop::CartError: rescue in pay app.rb:10 < pay app.rb:7 < <main> app.rb:12',
  'KeyError: price app.rb:5 < pay app.rb:8 < <main> app.rb:12',
];

describe('a program that an exception ends', () => {
  const ways: Record<string, [string, string[]]> = {
    'with its cause': [CHAIN, CHAIN_OUTLINE],
    'with methods that lie': [
      'class E < StandardError\n  def cause; raise; end\n  def class; raise; end\n  def message; "CANARY"; end\nend\nraise E',
      ['E: <main> app.rb:6'],
    ],
    'an exception while the process exits': [
      'at_exit { raise "CANARY" }',
      ['RuntimeError: block in <main> app.rb:1'],
    ],
    'a class without a name': ['raise Class.new(StandardError)', [': <main> app.rb:1']],
  };
  for (const [name, [text, expected]] of Object.entries(ways)) {
    test(name, async () => assert.deepEqual(recorded(await run(text)), expected));
  }

  test('a stack that the app made is text', async () => {
    const { records } = await run('raise StandardError, "x", ["app.rb:1:in `f\'", "CANARY"]');
    const { frameSource, frames } = records[0]?.thrown ?? {};
    assert.deepEqual(
      [frameSource, frames?.map(({ function: name, line }) => `${name}:${line}`)],
      ['text', ['f:1']],
    );
  });

  test('a recursion', async () => {
    const { records } = await run('def f(n) = f(n + 1)\nf(0)');
    assert.equal(records[0]?.thrown?.type, 'SystemStackError');
    assert.equal(records[0]?.thrown?.frames.length, 2000);
  });
});

describe('no record of', () => {
  const others: Record<string, string> = {
    'an exit after a backtrace':
      'begin; raise "CANARY"; rescue => e; warn e.full_message(highlight: false); exit 1; end',
    abort: 'abort "CANARY"',
    'exit!': 'exit! 1',
    'an exit that hides the exception': 'at_exit { exit 0 }; raise "CANARY"',
    'a signal that ends it': 'Process.kill("TERM", $$); sleep',
    'an interrupt': 'raise Interrupt',
    'an exception in a thread':
      'Thread.new { Thread.current.report_on_exception = false; raise "x" }.join rescue exit 1',
    'a forked worker': 'fork { $stderr.reopen("/dev/null"); raise "CANARY" }; Process.wait; exit 1',
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
p ENV['RUBYOPT'], ENV['NODE_OPTIONS'], ENV['CRASHMON_PROBE_DIR'], $LOAD_PATH, $!, $0, $VERBOSE
p Object.constants.size, self.private_methods.size, global_variables.size
$stdout.flush
system('ruby', __FILE__, 'child') if ARGV.empty?
`;

describe('what the app and its children see', () => {
  test('is the same', async () => assert.notEqual((await run(SURROUNDINGS)).claim, null));

  test('is the same with options of its own', async () => {
    const env = { RUBYOPT: '-W2 -rset' };
    assert.notEqual((await run(SURROUNDINGS, { env, args: ['-w'] })).claim, null);
  });

  test('--disable=rubyopt is honored, and no child is taken for the worker', async () => {
    const text = 'system("ruby", "-e", "raise %q(x)") or exit 1';
    const armed = await run(text, { args: ['--disable=rubyopt'] });
    assert.deepEqual([armed.code, armed.claim, armed.records], [1, null, []]);
  });

  const starters: Record<string, string> = {
    'that executes it': 'exec("ruby", "app.rb")',
    'that becomes it, as bundle exec does': '$0 = "app.rb"; load "./app.rb"',
  };
  for (const [name, bundle] of Object.entries(starters)) {
    test(`a starter ${name}`, async () => {
      const armed = await runArmed({
        runtime: 'ruby',
        command: 'ruby',
        args: ['bundle', 'exec', 'app'],
        files: { bundle, 'app.rb': `${SURROUNDINGS}${CHAIN}` },
      });
      assert.notEqual(armed.claim, null);
      assert.equal(recorded(armed).length, 2);
    });
  }
});

test('too many open files can be the crash', async () => {
  const armed = await runArmed({
    runtime: 'ruby',
    command: '/bin/sh',
    args: ['-c', 'ulimit -S -n 30; exec ruby app.rb'],
    files: { 'app.rb': 'open = []\nloop { open << $stdout.dup }\n' },
  });
  assert.match(recorded(armed)[0] ?? '', /^Errno::EMFILE: initialize_copy app\.rb:2 < /);
});

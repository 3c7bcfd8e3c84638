import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CHECKOUT } from '../support/crashmon.ts';
import { dieAndRead } from '../support/last-words/die-and-read.ts';
import { type ProgramBuilder, programBuilder } from '../support/last-words/program-builder.ts';
import { callWords, runAndRead } from '../support/last-words/run-and-read.ts';

let builder: ProgramBuilder;
before(async () => {
  builder = await programBuilder();
});
after(() => builder[Symbol.asyncDispose]());

const LOADER = `const { createRequire } = require('node:module');
const load = createRequire('${path.join(CHECKOUT, 'test/apps/package.json')}');
`;
const CART = `class CartError extends Error { get name() { return 'CartError'; } }
function total(card) { throw new CartError('CANARY\\n    at ada (/srv/CANARY.js:4111:1)\\n' + card); }
`;
const PINO = `${LOADER}const log = load('pino')(load('pino').destination({ dest: 2, sync: true }));
process.on('uncaughtException', (error) => { log.fatal(error, 'CANARY'); process.exit(1); });
${CART}setTimeout(() => total('4111'), 1);
`;
const WINSTON = `${LOADER}const { createLogger, format, transports } = load('winston');
const log = createLogger({
  format: format.combine(format.errors({ stack: true }), format.json()),
  transports: [new transports.Console({ stderrLevels: ['error'] })],
});
${CART}try { total('4111'); } catch (error) { log.error(error); process.exitCode = 1; }
`;

describe('an exception that was logged as JSON is never more than printed', { concurrency: 2 }, () => {
  for (const [name, program] of Object.entries({ pino: PINO, winston: WINSTON })) {
    test(name, async () => {
      const { exit, proof, type, calls, stderr } = await dieAndRead('node', [process.execPath], {
        'shop.js': program,
      });
      assert.deepEqual([exit, proof, type], [1, 'printed', 'CartError'], stderr);
      assert.equal(
        calls[0],
        `total shop.js:${program.split('\n').findIndex((line) => line.startsWith('function total')) + 1}`,
      );
    });
  }

  test('Ruby: a text, or an array of calls', async () => {
    for (const stack of [
      'error.backtrace',
      'error.backtrace.join("\\n")',
      'error.full_message(highlight: false)',
    ]) {
      const program = `require "json"
class CartError < StandardError; end
def total(card) = raise(CartError, "CANARY\\nada.rb:3:in \`CANARY'" + card)
begin
  total("4111")
rescue => error
  warn({ level: "fatal", message: "CANARY", exception: { name: error.class.name, stack: ${stack} } }.to_json)
  exit 1
end
`;
      const { exit, proof, type, calls } = await dieAndRead('ruby', ['ruby'], { 'shop.rb': program });
      assert.deepEqual([exit, proof, type], [1, 'printed', 'CartError'], stack);
      assert.deepEqual(calls, ['total shop.rb:3', '<main> shop.rb:5'], stack);
    }
  });

  test('Go: the stack of debug.Stack', async () => {
    const { words, proof, exit } = await runAndRead(await builder.go('logs-json'), 'go');
    assert.deepEqual([exit, proof, words?.error.type], [1, 'printed', null]);
    const calls = words?.error.calls.map(callWords) ?? [];
    assert.deepEqual(
      calls.filter((call) => call.startsWith('main.')),
      ['main.(*Cart).Total main.go:12 true', 'main.main main.go:21 true'],
    );
    assert.doesNotMatch(JSON.stringify(words), /CANARY/);
  });

  test('what Node.js prints itself says more', async () => {
    const program = `${PINO}process.removeAllListeners('uncaughtException');\nlog.error(new Error('CANARY'));\n`;
    const { proof, type, words } = await dieAndRead('node', [process.execPath], { 'shop.js': program });
    assert.deepEqual([proof, type, words?.form], ['proven', 'CartError', 'exception']);
  });
});

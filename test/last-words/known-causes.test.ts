import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { lastWordsReport } from '../../src/analysis/last-words-report.ts';
import { knownCauses } from '../../src/explain/known-causes/known-causes.ts';
import { readLastWords } from '../../src/formats/last-words/readers.ts';
import type { LastWords } from '../../src/model/last-words.ts';
import type { Runtime } from '../../src/model/runtime.ts';
import { redact } from '../../src/privacy/redact.ts';
import { dieAndRead } from '../support/last-words/die-and-read.ts';
import { readRecorded, recordedDeaths } from '../support/last-words-corpus.ts';

/** Programs that end of a cause that the catalog knows, by its id. */
const PROGRAMS: Partial<
  Record<Runtime, { command: string[]; file: string; deaths: Record<string, string> }>
> = {
  python: {
    ...{ command: ['/usr/bin/python3'], file: 'shop.py' },
    deaths: {
      'python-module-missing': 'import shop_CANARY\n',
      'python-environment-variable-missing': 'import os\nos.environ["SHOP_CANARY"]\n',
      'python-key-missing': 'def price(key): return {}[key]\nprice("CANARY")\n',
      'python-attribute-missing': 'def price(cart): return cart.CANARY\nprice(None)\n',
      'python-recursion': 'def walk(n): return walk(n + 1)\nwalk(0)\n',
      'python-syntax-error': 'def price(:\n    pass\n',
    },
  },
  ruby: {
    ...{ command: ['/usr/bin/ruby'], file: 'shop.rb' },
    deaths: {
      'ruby-library-missing': 'require "shop_CANARY"\n',
      'ruby-setting-missing': 'def load = ENV.fetch("SHOP_CANARY")\nload\n',
      'ruby-undefined-method': 'def price(cart) = cart.CANARY\nprice(nil)\n',
      'ruby-frozen-object': 'NAME = "CANARY".freeze\ndef rename = NAME << "x"\nrename\n',
      'ruby-file-missing': 'def read = File.read("/CANARY")\nread\n',
      'ruby-deadlock': 'def wait = Thread.new { Thread.stop }.join\nwait\n',
    },
  },
  php: {
    ...{
      command: ['php', '-d', 'log_errors=1', '-d', 'error_log=', '-d', 'display_errors=0'],
      file: 'shop.php',
    },
    deaths: {
      'php-argument-count': '<?php\nfunction pay($card) {}\npay();\n',
      'php-wrong-type': '<?php\nfunction pay(int $card) {}\npay("CANARY");\n',
      'php-invalid-value': '<?php\nfunction pay() { return array_combine([4111], []); }\npay();\n',
      'php-unhandled-match':
        '<?php\nfunction pay($card) { return match ($card) { 1 => 2 }; }\npay("CANARY");\n',
      'php-division-by-zero': '<?php\nfunction pay($parts) { return intdiv(4111, $parts); }\npay(0);\n',
      'php-invalid-json':
        '<?php\nfunction pay() { return json_decode("{CANARY", false, 9, JSON_THROW_ON_ERROR); }\npay();\n',
    },
  },
  perl: {
    ...{ command: ['/usr/bin/perl'], file: 'shop.pl' },
    deaths: {
      'perl-module-missing': 'use strict;\nuse Shop::CANARY;\n',
      'perl-compilation-failed': 'use strict;\n$CANARY = 1;\n',
      'perl-undefined-invocant': 'my $cart;\n$cart->CANARY();\n',
      'perl-method-missing': 'package Cart;\npackage main;\nCart->CANARY();\n',
      'perl-subroutine-undefined': 'sub pay { CANARY() }\npay();\n',
      'perl-division-by-zero': 'my $parts = 0;\nmy $each = 10 / $parts;\n',
      'perl-wrong-reference': 'use strict;\nmy $cart = "CANARY";\nmy @all = @{$cart};\n',
      'perl-read-only-value': 'for my $part (1, 2) { $part = 3 }\n',
    },
  },
};

describe('a death leads to its known cause', () => {
  for (const [runtime, { command, file, deaths }] of Object.entries(PROGRAMS)) {
    for (const [id, text] of Object.entries(deaths)) {
      test(id, async () => {
        const { words, proof, stderr } = await dieAndRead(runtime as Runtime, command, { [file]: text });
        assert.ok(words !== null && proof !== null && proof !== 'printed', stderr);
        assert.equal(causesOf(runtime as Runtime, words)[0], id, stderr);
      });
    }
  }
});

test("nothing is claimed of an app's own text", async () => {
  const texts = ["die 'Illegal division by zero'", 'die "Undefined subroutine &main::x called"'];
  for (const text of texts) {
    const { words } = await dieAndRead('perl', ['/usr/bin/perl'], { 'shop.pl': `${text};\n` });
    assert.ok(words !== null);
    assert.deepEqual(causesOf('perl', words), []);
  }
});

/** Of programs that are heavy to install or to compile. */
describe('a recorded death leads to its known cause', () => {
  for (const { id, runtime, text } of recorded()) {
    test(id, () => {
      const vouchers = { readSource: () => null, program: null, readClass: () => null };
      const words = readLastWords(runtime, text, vouchers);
      assert.ok(words !== null);
      assert.equal(causesOf(runtime, words)[0], id);
    });
  }

  test('of Go and Java', () => {
    const found = recordedDeaths().flatMap((death) => {
      const words = readRecorded(death);
      return words === null ? [] : causesOf(death.runtime, words);
    });
    assert.deepEqual(
      OF_GO_AND_JAVA.filter((id) => !found.includes(id)),
      [],
    );
  });
});

const OF_GO_AND_JAVA = [
  ...[
    'go-concurrent-map',
    'go-deadlock',
    'go-nil-map',
    'go-nil-pointer',
    'go-out-of-range',
    'go-type-assertion',
  ],
  ...['java-class-not-found', 'java-initializer-failed', 'java-null-pointer', 'java-out-of-memory'],
  ...['java-port-not-bound', 'java-stack-overflow'],
];

/** Texts of Mono and Elixir. */
function recorded(): { id: string; runtime: Runtime; text: string }[] {
  const file = path.join(import.meta.dirname, '../fixtures/known-causes.json');
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** ids, best first. */
function causesOf(runtime: Runtime, words: LastWords): string[] {
  const status = { type: 'code', code: 1 } as const;
  const report = lastWordsReport({
    ...{ id: '0a1b2c3d4e5f', app: 'shop', instance: 'web-1', diedAtMs: 0, startedAtMs: 0 },
    ...{ kind: 'exception', status, runtime, words, proof: 'likely' },
    ...{ appRoot: '/srv', workspaceRoot: null, problems: [], readSource: () => null, isOnDisk: () => false },
    symbols: { mapFrames: (frames) => [...frames], problems: () => [] },
    scripts: { hashes: () => [], strippedHashes: () => [], changedAtMs: () => null },
    pathOf: (file) => file,
  });
  return knownCauses({ ...redact(report), status }).map(({ id }) => id);
}

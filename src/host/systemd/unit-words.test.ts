import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unitHasNoWords } from './unit-words.ts';

test('the journal has what a service prints last, unless its unit says otherwise', () => {
  const usual = {
    StandardError: 'inherit',
    StandardOutput: 'journal',
    LogLevelMax: -1,
    SyslogLevel: 6,
    LogNamespace: '',
  };
  const rows = [
    [{}, null],
    [{ StandardError: 'journal', StandardOutput: 'null' }, null],
    [{ StandardOutput: 'journal+console' }, null],
    [{ StandardOutput: 'null' }, 'discarded'],
    [{ StandardError: 'append' }, 'file'],
    [{ StandardError: 'truncate' }, 'file'],
    [{ StandardError: 'tty' }, 'elsewhere'],
    [{ StandardOutput: 'kmsg' }, 'elsewhere'],
    [{ LogNamespace: 'shop' }, 'namespace'],
    [{ LogLevelMax: 3 }, 'filtered'],
    [{ LogLevelMax: 6 }, null],
    [{ LogLevelMax: 3, SyslogLevel: 3 }, null],
  ] as const;
  for (const [changes, expected] of rows) {
    assert.equal(unitHasNoWords({ ...usual, ...changes }), expected, JSON.stringify(changes));
  }
  assert.equal(unitHasNoWords({}), null);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromPathSegment, toPathSegment } from './path-segment.ts';
import { resolveStateDir } from './resolve-state-dir.ts';

test('no name leaves its directory, and short ones come back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
      const segment = toPathSegment(name);
      assert.match(segment, /^[A-Za-z0-9._~%-]{1,100}$/);
      assert.ok(segment !== '.' && segment !== '..');
      if (!segment.includes('~')) assert.equal(fromPathSegment(segment), name.toWellFormed());
    }),
  );
  assert.equal(toPathSegment('..'), '%2E%2E');
  assert.equal(toPathSegment('a/b'), 'a%2Fb');
  assert.notEqual(toPathSegment('x'.repeat(101)), toPathSegment('x'.repeat(102)));
  assert.throws(() => toPathSegment(''), { code: 'BAD_OPTION' });
});

test('the state directory is named by option, environment, or who asks', () => {
  const env = { CRASHMON_STATE_DIR: '/env', XDG_STATE_HOME: '/xdg', HOME: '/home/ada' };
  assert.equal(resolveStateDir({ option: '/option', env, uid: 0 }), '/option');
  assert.equal(resolveStateDir({ env, uid: 0 }), '/env');
  assert.equal(resolveStateDir({ env: { HOME: '/root' }, uid: 0 }), '/var/lib/crashmon');
  assert.equal(resolveStateDir({ env: { ...env, CRASHMON_STATE_DIR: '' }, uid: 7 }), '/xdg/crashmon');
  const relative = { HOME: '/home/ada', XDG_STATE_HOME: 'relative' };
  assert.equal(resolveStateDir({ env: relative, uid: 7 }), '/home/ada/.local/state/crashmon');
  assert.equal(resolveStateDir({ env: {}, uid: 7 }), null);
});

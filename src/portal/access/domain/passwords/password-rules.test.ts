import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNotPassword } from './password-rules.ts';

test('passwords that are hard to guess are accepted, of any kind', () => {
  for (const password of [
    'a lamp beside four herons',
    'kettle-moss-orbit',
    'zweiundvierzig Regenschirme',
    'пароль от дома на холме',
    '猫が窓の外の雨を眺めている午後',
    'x7!kQ_02bdUe',
    'test the kettle on the roof',
  ])
    assert.equal(whyNotPassword(password, 'ada'), null, password);
});

test('short, long, common and repetitive passwords, and the name, are rejected', () => {
  const refused: [string, RegExp][] = [
    ['', /0 characters; at least 12 are required/],
    ['x', /1 character;/],
    ['elevenchars', /11 characters/],
    ['x1'.repeat(600), /longer than 1024/],
    ['password1234', /common password/],
    ['P@ssw0rd2024!', /common password/],
    ['Password Password', /common password/],
    ['qwertyuiop123', /common password/],
    ['123456789012', /common password/],
    ['correct horse battery staple', /common password/],
    ['changemechangeme', /common password/],
    ['aaaaaaaaaaaaaaaa', /too few different characters/],
    ['abababababababab', /too few different characters/],
    ['Grace.Hopper99', /too similar to the name/],
    ['GRACE HOPPER grace.hopper', /too similar to the name/],
  ];
  for (const [password, why] of refused)
    assert.match(whyNotPassword(password, 'grace.hopper') ?? 'will do', why, password);
});

test('characters are counted as people count them', () => {
  // Twelve code points that normalize to fewer, and one that is two code units.
  assert.match(whyNotPassword('e\u0301'.repeat(6), 'ada') ?? '', /6 characters/);
  assert.match(whyNotPassword('🐈🌧🪟🏠🌙🔑', 'ada') ?? '', /6 characters/);
});

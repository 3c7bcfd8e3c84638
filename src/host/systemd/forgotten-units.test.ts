import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ForgottenUnits } from './forgotten-units.ts';

test('a unit that systemd has forgotten is left once, some time after its exits, unless it is back', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const known = new Set(['shop.service']);
  const left: string[] = [];
  const units = new ForgottenUnits(known, (unit) => left.push(unit));
  units.leaveLater(['shop.service', 'old.service', 'old.service', 'back.service']);
  known.add('back.service');
  assert.deepEqual(left, []);
  context.mock.timers.tick(60_000);
  assert.deepEqual(left, ['old.service']);
});

test('an exit that is stored is not reported again of a unit that systemd has forgotten', () => {
  const units = new ForgottenUnits(new Set(['shop.service']), () => {});
  units.stored('1');
  assert.equal(units.isDone('old.service', '1'), true);
  assert.equal(units.isDone('shop.service', '1'), false);
  assert.equal(units.isDone('old.service', '2'), false);
});

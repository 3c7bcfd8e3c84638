import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceStatus } from '../../host/host-status.ts';
import type { CliContext } from '../context.ts';
import { hostText } from './host-text.ts';

test('a service is shown with what explains its crashes, if anything does', () => {
  const context = {
    ...{ env: {}, isTTY: false, columns: 500 },
    now: () => ({ wallMs: 60_000, monotonicMs: 0, bootId: '' }),
  } as unknown as CliContext;
  const shown = (changes: Partial<ServiceStatus>, stderr: 'discarded' | 'file' | null) => {
    const service: ServiceStatus = {
      ...{ id: 'systemd:shop.service', name: 'shop', source: 'systemd', unit: 'shop.service' },
      ...{ isWatched: true, why: 'watched: --all', ...changes },
      running: { pid: 7, startedAtMs: 0, runtime: 'python', isArmed: false, stderr },
    };
    return hostText({ pid: 0, startTicks: 0, services: [service] }, context)
      .split('; ')
      .at(-1)
      ?.trim();
  };
  assert.equal(shown({}, null), 'a crash is explained by its last lines in the journal');
  assert.equal(shown({ source: 'pm2' }, null), 'a crash is explained by what it prints last');
  assert.equal(shown({}, 'discarded'), 'its standard error is discarded: a crash has no last words');
  const file = 'its standard error goes to a file, which is not read: a crash has no last words';
  assert.equal(shown({}, 'file'), file);
  for (const source of ['process', 'pm2']) {
    assert.equal(shown({ source }, 'file'), 'a crash is explained by what it prints last');
  }
});

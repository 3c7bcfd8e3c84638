import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppSettings, HostSettings } from '../host-settings.ts';
import type { Service, ServiceStart } from '../source.ts';
import { Candidate } from './candidate.ts';

const SHOP: Service = {
  ...{ id: 'systemd:shop.service', source: 'systemd', name: 'shop' },
  ...{ replica: null, attributes: {} },
};
const START: ServiceStart = { service: SHOP, key: 'one', pid: 1, startTicks: 1, startedAtMs: 0 };

for (const wasWatched of [false, true]) {
  const before = wasWatched ? ', and was watched before' : '';
  test(`what is seen before it executes crashmon${before}, is soon left to it`, (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    let runsCrashmon = false;
    const done: string[] = [];
    const follower = {
      ...{ started: () => {}, exited: async () => true, missed: async () => true, gone: async () => {} },
      end: async () => void done.push('left'),
    };
    const candidate = new Candidate(SHOP, {
      facts: () => ({ listens: false, servesUnix: false, optOut: null, runsCrashmon }),
      history: { wasWatched: () => wasWatched, watchedBySetting: () => {}, listened: () => {} },
      follow: () => {
        done.push('followed');
        return follower;
      },
      ...{ onDecision: () => {}, onProblem: assert.fail, onGone: () => {} },
      settings: () =>
        ({
          discovery: { all: false, include: ['shop'], exclude: [], watch: [] },
          ofApp: () => ({ app: 'shop', isEnabled: true }) as AppSettings,
        }) as unknown as HostSettings,
    });
    candidate.started(START);
    assert.deepEqual(done, ['followed']);
    runsCrashmon = true;
    context.mock.timers.tick(1_000);
    assert.deepEqual(done, ['followed', 'left']);
  });
}

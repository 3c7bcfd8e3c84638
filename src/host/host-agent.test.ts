import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HostAgent, type ServiceFollower } from './host-agent.ts';
import type { HostSource, Service, ServiceStart, SourceListener } from './source.ts';

const service = (name: string): Service => ({
  ...{ id: `process:${name}`, source: 'process', name, replica: null, attributes: {} },
});
const start = (of: Service, pid: number): ServiceStart => ({
  ...{ service: of, key: `${of.id}/${pid}`, pid, startTicks: null, startedAtMs: 0 },
});
const follower = (heard: string[], name: string): ServiceFollower => ({
  started: ({ pid }) => void heard.push(`${name} started ${pid}`),
  exited: async ({ start }) => void heard.push(`${name} exited ${start.pid}`),
  missed: (count) => void heard.push(`${name} missed ${count}`),
  gone: async () => void heard.push(`${name} gone`),
  end: async () => void heard.push(`${name} end`),
});
/** A source that reports what a test says. */
const source = (report: (listener: SourceListener) => void): HostSource => ({
  kind: 'process',
  begin: async (listener) => report(listener),
  end: async () => {},
});

describe('the agent of a host', () => {
  test('brings each report to the follower of its service, and asks once whether a service is watched', async () => {
    const heard: string[] = [];
    const asked: string[] = [];
    const agent = new HostAgent({
      sources: [
        source((listener) => {
          listener.started(start(service('shop'), 1));
          listener.started(start(service('cron'), 2));
          listener.missed(service('shop'), 3);
          listener.started(start(service('cron'), 4));
        }),
      ],
      follow: ({ name }) => {
        asked.push(name);
        return name === 'cron' ? null : follower(heard, name);
      },
      onProblem: (message) => heard.push(message),
    });
    await agent.begin();
    await agent.end();
    assert.deepEqual(asked, ['shop', 'cron']);
    assert.deepEqual(heard, ['shop started 1', 'shop missed 3', 'shop end']);
  });

  test('a source or a service that fails affects no other', async () => {
    const heard: string[] = [];
    const agent = new HostAgent({
      sources: [
        source(() => {
          throw new Error('no bus');
        }),
        source((listener) => {
          listener.started(start(service('broken'), 1));
          listener.started(start(service('shop'), 2));
          listener.gone(service('shop'));
        }),
      ],
      follow: ({ name }) => ({
        ...follower(heard, name),
        started: ({ pid }) => {
          if (name === 'broken') throw new Error('no journal');
          heard.push(`${name} started ${pid}`);
        },
        end: async () => {
          throw new Error('no end');
        },
      }),
      onProblem: (message) => heard.push(`problem: ${message}`),
    });
    await agent.begin();
    await agent.end();
    assert.deepEqual(heard, [
      'problem: process:broken: no journal',
      'shop started 2',
      'shop gone',
      'problem: Services of process are not watched: no bus',
      'problem: process:broken: no end',
    ]);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HostAgent, type ServiceFollower } from './host-agent.ts';
import type { HostSource, Service, ServiceExit, ServiceStart, SourceListener } from './source.ts';

const service = (name: string): Service => ({
  ...{ id: `process:${name}`, source: 'process', name, replica: null, attributes: {} },
});
const start = (of: Service, pid: number): ServiceStart => ({
  ...{ service: of, key: `${of.id}/${pid}`, pid, startTicks: null, startedAtMs: 0 },
});
const follower = (heard: string[], name: string): ServiceFollower => ({
  started: ({ pid }) => void heard.push(`${name} started ${pid}`),
  exited: async ({ start }) => heard.push(`${name} exited ${start.pid}`) > 0,
  missed: async (count) => heard.push(`${name} missed ${count}`) > 0,
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
          void listener.missed(service('shop'), 3);
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

  test('a service that comes back waits until its follower of before has ended', async () => {
    const heard: string[] = [];
    let number = 0;
    let ended: () => void = () => {};
    const ending = new Promise<void>((resolve) => {
      ended = resolve;
    });
    let reported: Promise<boolean> | undefined;
    const shop = service('shop');
    const exit = (pid: number): ServiceExit => ({
      ...{ start: start(shop, pid), status: { type: 'code', code: 1 }, endedAtMs: 1, asked: false },
      ...{ because: null, lastWords: async () => null },
    });
    const agent = new HostAgent({
      sources: [
        source((listener) => {
          listener.started(start(shop, 1));
          listener.gone(shop);
          listener.started(start(shop, 2));
          listener.gone(shop);
          reported = listener.exited(exit(3));
          heard.push('reported');
        }),
      ],
      follow: () => {
        const name = `follower ${++number}`;
        return {
          ...follower(heard, name),
          gone: async () => {
            heard.push(`${name} goes`);
            await ending;
            heard.push(`${name} gone`);
          },
        };
      },
      onProblem: assert.fail,
    });
    await agent.begin();
    ended();
    assert.equal(await reported, true);
    await agent.end();
    assert.deepEqual(heard, [
      ...['follower 1 started 1', 'follower 1 goes', 'reported', 'follower 1 gone'],
      ...['follower 2 started 2', 'follower 2 goes', 'follower 2 gone'],
      ...['follower 3 exited 3', 'follower 3 end'],
    ]);
  });

  test('at the end a source does not wait for what cannot be stored', async () => {
    const shop = service('shop');
    let isStored: Promise<boolean> | undefined;
    const agent = new HostAgent({
      sources: [
        {
          kind: 'process',
          begin: async (listener) => {
            isStored = listener.exited({
              ...{ start: start(shop, 1), status: { type: 'code', code: 1 }, endedAtMs: 1, asked: false },
              ...{ because: null, lastWords: async () => null },
            });
          },
          end: async () => void (await isStored),
        },
      ],
      follow: () => ({ ...follower([], 'shop'), exited: () => new Promise(() => {}) }),
      onProblem: assert.fail,
      graceMs: 1,
    });
    await agent.begin();
    await agent.end();
    assert.equal(await isStored, false);
  });
});

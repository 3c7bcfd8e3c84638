import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { outerEnvironment } from '../start/outer-environment.ts';
import { type UplinkFlags, uplinkPlan } from './uplink-plan.ts';
import { takeHeaders } from './uplink-secrets.ts';
import { endpointOf, headerOf, headersOf } from './uplink-values.ts';

test('an address becomes that of /v1/logs, once', () => {
  const cases: [string, string | null][] = [
    ['https://c.example.com', 'https://c.example.com/v1/logs'],
    ['https://c.example.com/base/', 'https://c.example.com/base/v1/logs'],
    ['http://[::1]:4318/v1/logs', 'http://[::1]:4318/v1/logs'],
    ['https://alice:secret@c.example.com', null],
    ['https://c.example.com?token=1', null],
    ['https://c.example.com#a', null],
    ['ftp://c.example.com', null],
    ['c.example.com', null],
    ['', null],
  ];
  for (const [text, expected] of cases) assert.equal(endpointOf(text), expected, text);
  assert.equal(endpointOf('https://c.example.com/own', ''), 'https://c.example.com/own');
});

test('headers are what HTTP can carry, and none of those that crashmon sets', () => {
  assert.deepEqual(headerOf('X-Tenant=a=b'), { name: 'x-tenant', value: 'a=b' });
  for (const text of ['', 'a', '=b', 'a b=c', 'a=\n', 'Content-Type=x', 'host=x']) {
    assert.equal(headerOf(text), null, text);
  }
  assert.deepEqual(headersOf('a=1%202, b=%zz ,bad,a=3'), { a: '3', b: '%zz' });
  assert.deepEqual(headersOf(undefined), {});
});

test('nothing is sent by default, and OpenTelemetry variables are read only on request', () => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://base.example.com',
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'https://logs.example.com/own',
    OTEL_EXPORTER_OTLP_HEADERS: 'a=b',
    CRASHMON_PORTAL_TOKEN: 'secret',
  };
  assert.equal(uplinkPlan({}, null, { env }).uplink, null);
  const asked = uplinkPlan({ otlpEndpoint: 'env' }, '1.2', { env });
  assert.equal(asked.uplink?.endpoint, 'https://logs.example.com/own');
  assert.equal(asked.uplink?.appVersion, '1.2');
  assert.deepEqual(asked.headers, { a: 'b' });
});

test('a wrong variable is a problem; contradicting options are an error', () => {
  const wrong = uplinkPlan({}, null, { env: { CRASHMON_PORTAL: 'crashmon.example.com' } });
  assert.deepEqual([wrong.uplink, wrong.problems.length], [null, 1]);
  const missing = uplinkPlan({ otlpEndpoint: 'env' }, null, { env: {} });
  assert.deepEqual([missing.uplink, missing.problems.length], [null, 1]);
  const noToken = uplinkPlan({ portal: 'https://c.example.com', portalTokenFile: '/nonexistent' }, null, {
    env: {},
  });
  assert.equal(noToken.problems.length, 1);
  assert.match(noToken.problems[0] ?? '', /^No portal token can be read from \/nonexistent: /);
  const url = 'https://c.example.com/v1/logs';
  assert.throws(() => uplinkPlan({ portal: url, otlpEndpoint: url }, null, { env: {} }), CrashmonError);
});

test('secrets reach neither the worker nor what else crashmon starts', () => {
  const env: NodeJS.ProcessEnv = {
    PATH: '/bin',
    CRASHMON_PORTAL_TOKEN: 'secret',
    CRASHMON_OTLP_HEADERS: 'secret',
    CRASHMON_UPLINK_HEADERS: '{"authorization":"secret"}',
  };
  assert.deepEqual(outerEnvironment(env), { PATH: '/bin' });
  assert.deepEqual(takeHeaders(env), { authorization: 'secret' });
  assert.deepEqual(env, { PATH: '/bin' });
  assert.deepEqual(takeHeaders({ CRASHMON_UPLINK_HEADERS: 'no JSON' }), {});
});

test('a portal may ask for nothing unless that is switched on', () => {
  const key = `age1${'q'.repeat(58)}`;
  const controlOf = (flags: UplinkFlags, env = {}) => {
    const all = { CRASHMON_PORTAL_TOKEN: 'secret', ...env };
    const { uplink, problems } = uplinkPlan({ portal: 'https://p.example.com', ...flags }, null, {
      env: all,
    });
    return [uplink?.remoteControl?.recipient, problems.length];
  };
  assert.deepEqual(controlOf({}), [undefined, 0]);
  assert.deepEqual(controlOf({ sessionKey: key }), [undefined, 0]);
  assert.deepEqual(controlOf({ remoteControl: 'on' }), [null, 0]);
  assert.deepEqual(controlOf({ remoteControl: 'on', sessionKey: key }), [key, 0]);
  const env = { CRASHMON_REMOTE_CONTROL: 'on', CRASHMON_SESSION_KEY: key };
  assert.deepEqual(controlOf({}, env), [key, 0]);
  assert.deepEqual(controlOf({ remoteControl: 'off' }, env), [undefined, 0]);
  assert.deepEqual(controlOf({}, { CRASHMON_REMOTE_CONTROL: 'yes' }), [undefined, 1]);
  assert.deepEqual(controlOf({}, { ...env, CRASHMON_SESSION_KEY: 'AGE-SECRET-KEY-1Q' }), [null, 1]);
  const collector = { otlpEndpoint: 'https://c.example.com', remoteControl: 'on' } as const;
  assert.equal(uplinkPlan(collector, null, { env: {} }).uplink?.remoteControl, undefined);
});

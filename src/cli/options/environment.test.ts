import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Command, type Option } from 'commander';
import { debuggerSwitch } from '../../policy/kill-switch.ts';
import { addAgentOptions } from '../agent/agent-options.ts';
import { readHostSettings } from '../agent/read-host-settings.ts';
import type { CliContext } from '../context.ts';
import { notificationSendingOf } from '../portal/notification-options.ts';
import { portalPlaceOf } from '../portal/store-options.ts';
import { addPortal } from '../verbs/portal.ts';
import { addRun } from '../verbs/run.ts';
import { fillFromEnvironment, keyOf, OF_ONE_CALL, variableOf } from './environment.ts';
import { notifyPlan } from './notify-plan.ts';
import { stateDirIfAny } from './state-dir-option.ts';
import { uplinkPlan } from './uplink-plan.ts';

const KEY = `age1${'q'.repeat(58)}`;
/** A value that is no default, for every option of a verb that keeps running. */
const SAMPLES: Readonly<Record<string, string>> = {
  ...{ name: 'cart', instance: 'web-7', 'arm-after': '1', window: '2h', cooldown: '3h', restart: 'always' },
  ...{ 'restart-delay': '2s', 'restart-delay-max': '9s', 'max-restarts': '5/10m', 'stop-timeout': '4s' },
  ...{ 'kill-mode': 'process', children: 'gunicorn, puma', 'stderr-tap': 'off', debugger: 'off' },
  ...{ portal: 'https://p.example.org', 'portal-token-file': '/dev/null', 'otlp-header': 'a=b' },
  ...{ 'otlp-endpoint': 'https://c.example.org', 'app-version': '2.4', 'remote-control': 'on' },
  ...{
    'session-key': KEY,
    'session-portal-dumps': 'on',
    'portal-dumps': '2GB',
    notify: 'smtp://mail.example.org',
    'mail-to': 'ops@example.org',
  },
  ...{ 'mail-from': 'crashmon@example.org', 'smtp-password-file': '/etc/passwd', quiet: '1', json: 'true' },
  ...{ webhook: 'https://hooks.example.org/1', 'webhook-preset': 'slack', 'webhook-secret-file': '/s' },
  ...{ 'webhook-allow-private': 'yes', 'notify-quiet': '2h', 'notify-wait': '1m', 'log-format': 'json' },
  ...{ 'state-dir': '/srv/state', all: 'on', include: 'shop,blog', exclude: 'backup-*', 'drop-in': 'true' },
  ...{ watch: 'bot=python3 *bot.py', config: '/nonexistent/agent.toml', host: '::1', port: '4801' },
  ...{ 'public-url': 'https://crashes.example.org', 'tls-cert': '/c.pem', 'tls-key': '/k.pem' },
  ...{ 'trusted-proxy': '10.0.0.1, 10.1.0.0/16', retention: '10d', 'instance-retention': '9d' },
  ...{ 'drain-delay': '5s', 'admin-name': 'ada', 'admin-password-file': '/p', 'data-dir': '/srv/data' },
  ...{ database: 'postgres://db/crashmon', smtp: 'smtp://mail.example.org', 'max-notifications': '1' },
  ...{ citus: '1', 'allow-private-webhooks': 'true', 'max-signatures': '2', 'max-instances': '3' },
};

function verb(name: 'portal' | 'run'): Command {
  const program = new Command('crashmon');
  (name === 'run' ? addRun : addPortal)(program, {} as CliContext);
  return program.commands[0] ?? assert.fail();
}

const ofServers = (command: Command): Option[] =>
  command.options.filter((option) => !OF_ONE_CALL.includes(keyOf(option)));

/** What the variables that are read with their secrets lead to. */
function plans(env: Record<string, string>): string {
  const context = { env, uid: 0 } as unknown as CliContext;
  const notify = notifyPlan({}, null, context);
  const place = portalPlaceOf({}, { ...context, env: { HOME: '/root', ...env } });
  const parts = [uplinkPlan({}, null, context), notify, notify.notify?.mail, notify.notify?.webhook];
  const others = [
    place,
    notificationSendingOf({}, context),
    debuggerSwitch(env),
    stateDirIfAny(undefined, context),
  ];
  return JSON.stringify([...parts, ...others]);
}

describe('every option of a verb that keeps running has a variable', () => {
  for (const name of ['run', 'portal'] as const) {
    test(name, () => {
      for (const option of ofServers(verb(name))) {
        const key = keyOf(option);
        const variable = variableOf(option);
        const value = SAMPLES[key] ?? assert.fail(`no sample for --${key}`);
        const command = verb(name);
        const before = JSON.stringify(command.opts());
        assert.deepEqual(fillFromEnvironment(command, { [variable]: value }), [], variable);
        if (JSON.stringify(command.opts()) !== before) continue;
        // Read elsewhere: beside a portal and a mail server it makes a difference.
        const base = {
          ...(key === 'portal' || key.startsWith('otlp')
            ? {}
            : { CRASHMON_PORTAL: 'https://other.example.org' }),
          ...(key === 'otlp-header' ? { CRASHMON_OTLP_ENDPOINT: 'https://other.example.org' } : {}),
          ...(key === 'session-key' ? { CRASHMON_REMOTE_CONTROL: 'on' } : {}),
          ...(key.startsWith('mail') ? { CRASHMON_NOTIFY: 'smtp://other.example.org' } : {}),
          ...{ CRASHMON_MAIL_TO: 'all@example.org', CRASHMON_MAIL_FROM: 'all@example.org' },
        };
        assert.notEqual(plans({ ...base, [variable]: value }), plans(base), variable);
      }
    });
  }

  test('agent', () => {
    const read = (env: Record<string, string>) => {
      const command = addAgentOptions(new Command('agent')).parse([], { from: 'user' });
      const found = readHostSettings(command, { env: { HOME: '/nonexistent', ...env }, uid: 1 });
      if (!('settings' in found)) return found.problems.join();
      const { settings, warnings, file } = found;
      return JSON.stringify([settings, settings.ofApp('shop'), warnings, file]);
    };
    for (const option of ofServers(addAgentOptions(new Command('agent')))) {
      const key = keyOf(option);
      const variable = variableOf(option);
      const base =
        key.startsWith('session-') || key === 'remote-control' || key === 'portal-token-file'
          ? {
              CRASHMON_PORTAL: 'https://other.example.org',
              ...(key.startsWith('session-') ? { CRASHMON_REMOTE_CONTROL: 'on' } : {}),
            }
          : {};
      const without = read(base);
      const result = read({ ...base, [variable]: SAMPLES[key] ?? assert.fail(`no sample for --${key}`) });
      // Parts of a mail or a webhook matter only beside a target, which is in the file.
      if (/^(?:mail-|smtp-|webhook-|notify-|app-version)/.test(key))
        assert.doesNotMatch(result, /unknown key/);
      else assert.notEqual(result, without, variable);
    }
  });
});

test('options come before variables; what cannot be used is named, and a Service of Kubernetes is no port', () => {
  const portal = verb('portal');
  portal.setOptionValueWithSource('host', '127.0.0.2', 'cli');
  const env = {
    CRASHMON_HOST: '::1',
    CRASHMON_PORT: 'tcp://10.96.0.7:4800',
    CRASHMON_RETENTION: 'long',
    CRASHMON_JSON: 'x',
  };
  assert.deepEqual(fillFromEnvironment(portal, env), [
    'CRASHMON_RETENTION is ignored: Give a duration such as 100ms, 30s, 10m, 24h, 7d or 0.',
    'CRASHMON_JSON is ignored: Write true or false.',
  ]);
  assert.deepEqual([portal.opts().host, portal.opts().port], ['127.0.0.2', 4800]);
  const two = uplinkPlan({}, null, {
    env: { CRASHMON_PORTAL: 'https://p.example.org', CRASHMON_OTLP_ENDPOINT: 'https://c.example.org' },
  });
  assert.equal(two.uplink?.kind, 'portal');
  assert.match(two.problems.join(), /CRASHMON_OTLP_ENDPOINT is ignored/);
});

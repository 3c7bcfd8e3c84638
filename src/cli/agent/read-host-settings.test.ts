import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Command } from 'commander';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import type { HostSettings } from '../../host/host-settings.ts';
import type { CliContext } from '../context.ts';
import { addAgentOptions } from './agent-options.ts';
import { type ReadSettings, readHostSettings } from './read-host-settings.ts';

const UID = process.getuid?.() ?? 0;
const HOUR_MS = 3_600_000;

type Given = { flags?: string[]; env?: CliContext['env']; mode?: number; uid?: number };

/** What is read from a file with this text; messages name it `FILE`. */
async function read(text: string, { flags = [], env = {}, mode = 0o600, uid = UID }: Given = {}) {
  await using directory = await temporaryDirectory('settings');
  const file = path.join(directory.path, 'agent.toml');
  await writeFile(file, text);
  await chmod(file, mode);
  return readAt(file, flags, env, uid);
}

function readAt(file: string, flags: string[] = [], env: CliContext['env'] = {}, uid = UID): ReadSettings {
  const command = addAgentOptions(new Command('agent'));
  command.parse(['--config', file, ...flags], { from: 'user' });
  const result = readHostSettings(command, { env: { HOME: '/home/ann', ...env }, uid });
  const named = (sentence: string) => sentence.replaceAll(file, 'FILE');
  return 'problems' in result ? { problems: result.problems.map(named) } : result;
}

function settingsOf(result: ReadSettings): HostSettings {
  assert.ok('settings' in result, JSON.stringify(result));
  return result.settings;
}

function problemsOf(result: ReadSettings): string[] {
  assert.ok('problems' in result, 'there is no problem');
  return result.problems;
}

describe('settings of a host', () => {
  test('without a file they are those of `crashmon run`', async () => {
    await using directory = await temporaryDirectory('settings');
    const command = addAgentOptions(new Command('agent')).parse([], { from: 'user' });
    const context = { env: { XDG_CONFIG_HOME: directory.path }, uid: UID || 1 };
    const settings = settingsOf(readHostSettings(command, context));
    assert.deepEqual(settings.discovery, { all: false, include: [], exclude: [], watch: [] });
    assert.deepEqual(settings.ofApp('shop'), {
      app: 'shop',
      instance: hostname(),
      isEnabled: true,
      policy: { armAfter: 3, windowMs: 24 * HOUR_MS, cooldownMs: 8 * HOUR_MS },
      attachDebugger: true,
      dropIn: false,
      children: [],
      uplink: null,
      uplinkHeaders: {},
      notify: null,
      notifySecrets: { password: null, webhook: null, webhookSecret: null },
    });
  });

  test('an app has its own over those of all', async () => {
    const text = `
all = true
exclude = ["ssh*", "cron"]
watch = ["bot=python3 *bot.py", "old=unit:old"]
arm-after = 5
window = "2h"
portal = "https://crashes.example.com"
portal-token-file = "/etc/crashmon/token"
remote-control = "on"

[apps.shop]
arm-after = 0
debugger = false
app-version = "1.2"
children = ["worker.py", "resque"]
name = "Web shop"
[apps."web api"]
enabled = false`;
    const settings = settingsOf(await read(text));
    assert.deepEqual(settings.discovery, {
      all: true,
      include: [],
      exclude: ['ssh*', 'cron'],
      watch: [
        { name: 'bot', command: 'python3 *bot.py' },
        { name: 'old', unit: 'old.service' },
      ],
    });
    const shop = settings.ofApp('shop');
    assert.deepEqual([shop.app, shop.attachDebugger], ['Web shop', false]);
    assert.deepEqual(shop.children, ['worker.py', 'resque']);
    assert.deepEqual(shop.policy, { armAfter: 0, windowMs: 2 * HOUR_MS, cooldownMs: 8 * HOUR_MS });
    assert.equal(shop.uplink?.endpoint, 'https://crashes.example.com/v1/logs');
    assert.deepEqual([shop.uplink.appVersion, shop.uplink.tokenFile], ['1.2', '/etc/crashmon/token']);
    assert.deepEqual(shop.uplink.remoteControl, { recipient: null });
    assert.equal(settings.ofApp('web api').isEnabled, false);
    assert.equal(settings.ofApp('other').policy.armAfter, 5);
  });

  test('the environment is over the file, and flags are over both', async () => {
    const text =
      'window = "1h"\nmail-to = ["a@example.com"]\nnotify = "smtp://m.example.com"\n[apps.shop]\nwindow = "3h"';
    const env = { CRASHMON_MAIL_TO: 'b@example.com,c@example.com', CRASHMON_DEBUGGER: 'off' };
    const shop = settingsOf(await read(text, { env, flags: ['--window', '7h'] })).ofApp('shop');
    assert.equal(shop.policy.windowMs, 7 * HOUR_MS);
    assert.deepEqual(shop.notify?.mail?.to, ['b@example.com', 'c@example.com']);
    assert.equal(shop.attachDebugger, false);
  });

  test('another target does not get the secrets of the one below', async () => {
    const text = `
otlp-endpoint = "https://collector.example.com"
otlp-header = ["x-key=1"]
remote-control = "on"
webhook = "https://hooks.example.com/secret"
webhook-secret-file = "/etc/crashmon/secret"
[apps.shop]
portal = "https://crashes.example.com"
portal-token-file = "/etc/crashmon/shop"
webhook = "https://other.example.com"`;
    const settings = settingsOf(await read(text));
    assert.deepEqual(settings.ofApp('any').uplinkHeaders, { 'x-key': '1' });
    const { uplink, uplinkHeaders, notify } = settings.ofApp('shop');
    assert.deepEqual([uplink?.kind, uplink?.tokenFile, uplinkHeaders], ['portal', '/etc/crashmon/shop', {}]);
    assert.equal(uplink?.remoteControl, undefined, 'another portal may ask for nothing');
    assert.deepEqual([notify?.webhook?.host, notify?.webhook?.secretFile], ['other.example.com', null]);
  });
});

describe('a settings file that cannot be used', () => {
  test('names each line and key, and what to write instead', async () => {
    const text = `
windw = "1h"
arm-after = 5000
cooldown = 8
nonsense = 1
webhook-allow-private = "yes"
portal-token-file = "token"
notify = "smtp://ops:secret@mail.example.com"
include = [1, 2, true]
watch = ["shop"]
exclude = [1]
mail-to = ["ops@example.com", 2026-11-29]
instance = 7
notify-wait = ["1m"]

[apps.shop]
all = true
debuger = true
window = "soon"`;
    const keys =
      'all, include, exclude, watch, instance, arm-after, window, cooldown, children, debugger, drop-in, portal, portal-token-file, ' +
      'otlp-endpoint, otlp-header, remote-control, session-key, session-portal-dumps, notify, mail-to, mail-from, smtp-password-file, webhook, webhook-preset, ' +
      'webhook-secret-file, webhook-allow-private, notify-quiet, notify-wait, quiet, log-format, json, state-dir';
    assert.deepEqual(problemsOf(await read(text)), [
      'FILE: line 2: unknown key "windw". Did you mean window?',
      'FILE: line 3: arm-after: Give a whole number from 0 to 999.',
      'FILE: line 4: cooldown: Give a duration such as 100ms, 30s, 10m, 24h, 7d or 0.',
      `FILE: line 5: unknown key "nonsense". Write one of ${keys}.`,
      'FILE: line 6: webhook-allow-private: Write true or false.',
      'FILE: line 7: portal-token-file: Write an absolute path, such as "/etc/crashmon/token".',
      'FILE: line 8: notify: Write the password into a file of its own, and its path as smtp-password-file.',
      'FILE: line 9: include: Give a list of values in quotes: ["…", "…"].',
      "FILE: line 10: watch: Give name=command or name=unit:UNIT, such as 'shop=node */server.js'.",
      'FILE: line 11: exclude: Give a list of values in quotes: ["…", "…"].',
      'FILE: line 12: mail-to: Give a list of values in quotes: ["…", "…"].',
      'FILE: line 13: instance: Give a value in quotes: "…".',
      'FILE: line 14: notify-wait: Give a value in quotes: "…".',
      'FILE: line 17: all is for all apps: write it above the first section.',
      'FILE: line 18: unknown key "debuger". Did you mean debugger?',
      'FILE: line 19: window: Give a duration such as 100ms, 30s, 10m, 24h, 7d or 0.',
    ]);
  });

  test('is no TOML, or has other sections', async () => {
    assert.deepEqual(problemsOf(await read('a = 1\nb = [')), [
      'FILE: line 2: not valid TOML: unfinished array',
    ]);
    assert.deepEqual(problemsOf(await read('apps = 1')), [
      'FILE: line 1: write a section for each app: [apps.shop]',
    ]);
    assert.deepEqual(problemsOf(await read('[apps]\nshop = 1')), [
      'FILE: line 2: write a section for each app: [apps.shop]',
    ]);
    assert.deepEqual(problemsOf(await read('[app.shop]\nwindow = "1h"')), [
      'FILE: line 1: unknown section [app]. Write [apps.NAME].',
    ]);
    // Each mistake, wherever it is.
    assert.deepEqual(
      problemsOf(await read('\uFEFFwindow = []\n[app]\n[apps]\napi = 1\n[apps.shop]\nexclude = ["a"]')),
      [
        'FILE: line 2: unknown section [app]. Write [apps.NAME].',
        'FILE: line 4: write a section for each app: [apps.api]',
        'FILE: line 1: window: Give a value in quotes: "…".',
        'FILE: line 6: exclude is for all apps: write it above the first section.',
      ],
    );
    for (const text of [
      '[',
      '='.repeat(9999),
      `a = ${'['.repeat(999)}`,
      '[__proto__]\na = 1',
      '\0',
      '[apps.__proto__]\na = 1',
    ]) {
      assert.equal(problemsOf(await read(text)).length, 1, text.slice(0, 20));
    }
  });

  test('could be written by others, or is no small regular file', async () => {
    assert.deepEqual(problemsOf(await read('', { mode: 0o620 })), [
      'FILE: other users can write it: run `chmod go-w FILE`',
    ]);
    await using directory = await temporaryDirectory('settings');
    const at = (name: string) => path.join(directory.path, name);
    await writeFile(at('large'), '#'.repeat(300_000));
    await writeFile(at('foreign'), '');
    if (UID === 0) await chown(at('foreign'), 12_345, 0);
    await mkdir(at('folder'));
    await symlink('/dev/zero', at('device'));
    assert.deepEqual(problemsOf(readAt(at('large'))), [
      'FILE: it is larger than 256 KB: remove what is no setting',
    ]);
    await symlink(at('loop'), at('loop'));
    execFileSync('mkfifo', [at('fifo')]);
    const irregular = 'FILE: it is not a regular file: write the settings into one';
    for (const name of ['folder', 'device', 'fifo'])
      assert.deepEqual(problemsOf(readAt(at(name))), [irregular], name);
    assert.deepEqual(problemsOf(readAt(at('loop'))), ['FILE: it cannot be read (ELOOP)']);
    assert.deepEqual(problemsOf(readAt(at('missing'))), [
      'FILE: there is no such file: check the path of --config',
    ]);
    const owner = UID === 0 ? 12_345 : UID;
    const foreign = readAt(at('foreign'), [], {}, UID + 1);
    assert.deepEqual(problemsOf(foreign), [`FILE: it belongs to user ${owner}: run \`chown root FILE\``]);
  });

  test('secrets are only in files that no other user can read', async () => {
    const text = 'webhook = "https://hooks.example.com/secret"';
    assert.deepEqual(problemsOf(await read(text, { mode: 0o644 })), [
      'FILE: line 1: webhook is a secret, and other users can read this file: run `chmod 600 FILE`',
    ]);
    assert.equal(settingsOf(await read(text)).ofApp('shop').notify?.webhook?.host, 'hooks.example.com');
    assert.deepEqual(problemsOf(await read('', { flags: ['--webhook', 'https://hooks.example.com'] })), [
      '--webhook is a secret, and any user can read arguments: write it into the settings file.',
    ]);
    const result = await read('', { env: { CRASHMON_PORTAL_TOKEN: 'secret' } });
    assert.ok('settings' in result);
    assert.deepEqual(result.warnings, [
      'CRASHMON_PORTAL_TOKEN is ignored, because `systemctl show` prints it: set portal-token-file in the settings file.',
    ]);
  });

  test('contradicts itself', async () => {
    const both = 'portal = "https://a.example.com"\notlp-endpoint = "https://b.example.com"';
    assert.deepEqual(problemsOf(await read(`[apps.shop]\n${both}`)), [
      'FILE: [apps.shop]: Give --portal or --otlp-endpoint, not both.',
    ]);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DiscoveryRules } from '../host-settings.ts';
import type { Service } from '../source.ts';
import { appNameOf, decide, type KnownApp } from './decide.ts';
import { decisionText } from './decision-text.ts';
import type { ServiceFacts } from './service-facts.ts';
import { parseWatchRule } from './watch-rule.ts';

const SHOP: Service = {
  id: 'systemd:shop.service',
  source: 'systemd',
  name: 'shop',
  replica: null,
  attributes: { 'systemd.unit': 'shop.service' },
};
const QUIET: ServiceFacts = { listens: false, servesUnix: false, optOut: null, runsCrashmon: false };
const WEB: ServiceFacts = { ...QUIET, listens: true };

type Case = {
  facts?: ServiceFacts | null;
  rules?: Partial<DiscoveryRules>;
  app?: Partial<KnownApp>;
  service?: Service;
};

function said({ facts = QUIET, rules = {}, app = {}, service = SHOP }: Case): string {
  const all = { ...{ all: false, include: [], exclude: [], watch: [] }, ...rules };
  return decisionText(decide(service, facts, all, { isEnabled: true, wasWatched: false, ...app }));
}

test('web workers are watched, others by a rule', () => {
  assert.equal(said({ facts: WEB }), 'watched: it listens on a TCP socket');
  const unix = 'watched: it is a web server that listens on a Unix socket';
  assert.equal(said({ facts: { ...QUIET, servesUnix: true } }), unix);
  assert.equal(
    said({}),
    'not watched: it is no web worker (it listens on no TCP socket); --include NAME or --all watches it',
  );
  assert.equal(
    said({ app: { wasWatched: true } }),
    'watched: it listened on a socket, or was watched, before',
  );
  assert.equal(said({ rules: { all: true } }), 'watched: --all');
  assert.equal(said({ rules: { include: ['sh*'] } }), 'watched: --include names it');
  assert.equal(
    said({ facts: WEB, rules: { include: ['other'] } }),
    'not watched: --include names only others',
  );
  assert.equal(
    said({ facts: { ...QUIET, listens: null } }),
    'not watched: its sockets can be read only by root or its user; --include NAME or --all watches it',
  );
  const never = 'not watched: it has not run while the agent ran; --include NAME or --all watches it';
  assert.equal(said({ facts: null }), never);
  assert.equal(
    said({ facts: null, app: { wasWatched: true } }),
    'watched: it listened on a socket, or was watched, before',
  );
});

test('an exclusion, the settings, the wish of the app and its own crashmon are stronger', () => {
  const wanted = { facts: WEB, rules: { all: true, include: ['*'], watch: rules('x=unit:shop') } };
  assert.equal(said(wanted), 'watched: --watch names it');
  assert.equal(
    said({ ...wanted, rules: { ...wanted.rules, exclude: ['shop.service'] } }),
    'not watched: --exclude shop.service',
  );
  assert.equal(
    said({ ...wanted, facts: { ...WEB, optOut: 'CRASHMON_ENABLED=false' } }),
    'not watched: its environment has CRASHMON_ENABLED=false',
  );
  assert.equal(
    said({ ...wanted, app: { isEnabled: false } }),
    'not watched: enabled = false in its section of the settings',
  );
  assert.equal(
    said({ ...wanted, facts: { ...WEB, runsCrashmon: true } }),
    'not watched: it runs crashmon itself',
  );
});

test('a rule names an app by its unit, and finds processes by their command line', () => {
  assert.equal(appNameOf(SHOP, rules('web=unit:shop', 'x=unit:other')), 'web');
  assert.equal(appNameOf(SHOP, rules('x=shop*')), 'shop');
  const found: Service = { ...SHOP, id: 'process:bot', source: 'process', attributes: {} };
  assert.equal(said({ service: found }), 'watched: --watch names it');
  for (const text of [
    '',
    'shop',
    '=a',
    'a b=c',
    'shop=',
    'shop=*',
    'shop=unit:a/b',
    `shop=${'a'.repeat(1001)}`,
  ]) {
    assert.equal(parseWatchRule(text), null, text.slice(0, 20));
  }
});

function rules(...texts: string[]) {
  return texts.flatMap((text) => parseWatchRule(text) ?? []);
}

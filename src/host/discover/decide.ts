import type { DiscoveryRules } from '../host-settings.ts';
import type { Service } from '../source.ts';
import { matchesGlob } from './glob.ts';
import type { ServiceFacts } from './service-facts.ts';
import type { WatchRule } from './watch-rule.ts';

export const WATCHED = ['web-worker', 'web-server', 'was-watched', 'all', 'included', 'named'] as const;
export const NOT_WATCHED = [
  'runs-crashmon',
  'switched-off',
  'opted-out',
  'excluded',
  'not-included',
  'no-socket',
  'sockets-unknown',
  'not-seen',
] as const;

/** Whether a service is watched, and the reason as a code. */
export type Decision =
  | { isWatched: true; because: (typeof WATCHED)[number] }
  | { isWatched: false; because: (typeof NOT_WATCHED)[number]; detail?: string };

/** What is known about the app besides its processes. */
export type KnownApp = {
  /** Of its section in the settings. */
  isEnabled: boolean;
  /** It was watched before: one that ends before it listens is still found. */
  wasWatched: boolean;
};

/**
 * By the operator's rules, the app's own wish, and what it does.
 * @param facts null: no process of it was seen
 */
export function decide(
  service: Service,
  facts: ServiceFacts | null,
  rules: DiscoveryRules,
  app: KnownApp,
): Decision {
  const no = (because: (typeof NOT_WATCHED)[number], detail?: string): Decision => ({
    ...{ isWatched: false, because },
    ...(detail === undefined ? {} : { detail }),
  });
  const yes = (because: (typeof WATCHED)[number]): Decision => ({ isWatched: true, because });
  if (facts?.runsCrashmon) return no('runs-crashmon');
  if (!app.isEnabled) return no('switched-off');
  if (facts?.optOut) return no('opted-out', facts.optOut);
  const names = namesOf(service, rules.watch);
  const matches = (globs: readonly string[]) =>
    globs.find((glob) => names.some((name) => matchesGlob(glob, name)));
  const excluded = matches(rules.exclude);
  if (excluded !== undefined) return no('excluded', excluded);
  if (service.source === 'process' || watchRuleOf(service, rules.watch) !== null) return yes('named');
  if (rules.include.length > 0)
    return matches(rules.include) === undefined ? no('not-included') : yes('included');
  if (rules.all) return yes('all');
  if (facts?.listens === true) return yes('web-worker');
  if (facts?.servesUnix === true) return yes('web-server');
  if (app.wasWatched) return yes('was-watched');
  if (facts === null) return no('not-seen');
  return no(facts.listens === null ? 'sockets-unknown' : 'no-socket');
}

/** The name of the app: that of the rule that names its unit, else its own. */
export function appNameOf(service: Service, rules: readonly WatchRule[]): string {
  return watchRuleOf(service, rules)?.name ?? service.name;
}

function watchRuleOf(service: Service, rules: readonly WatchRule[]): WatchRule | null {
  const unit = service.attributes['systemd.unit'];
  return rules.find((rule) => 'unit' in rule && rule.unit === unit) ?? null;
}

/** Globs match any name that an operator knows it by. */
function namesOf(service: Service, rules: readonly WatchRule[]): string[] {
  return [service.name, appNameOf(service, rules), service.attributes['systemd.unit'] ?? ''].filter(Boolean);
}

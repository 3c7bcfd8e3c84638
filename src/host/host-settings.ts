import type { AgentOptions, AgentSecrets } from '../agent/agent-options.ts';
import type { WatchRule } from './discover/watch-rule.ts';

/** What is watched. */
export type DiscoveryRules = {
  /** Also what is no web worker. */
  all: boolean;
  /** Globs for the names of services: if there are any, only those are watched, web workers or not. */
  include: readonly string[];
  /** Globs for the names of services that are not watched. */
  exclude: readonly string[];
  watch: readonly WatchRule[];
};

/** Settings of one app, as `crashmon run` has them. */
export type AppSettings = AgentSecrets &
  Pick<AgentOptions, 'app' | 'instance' | 'policy' | 'attachDebugger' | 'children' | 'uplink' | 'notify'> & {
    /** `enabled = false` in its section. */
    isEnabled: boolean;
    /** Services of systemd can be started with the probe. */
    dropIn: boolean;
  };

/** Settings of `crashmon agent`: of all apps, and of each. */
export type HostSettings = {
  discovery: DiscoveryRules;
  /** null: no home directory to keep the state in. */
  stateDir: string | null;
  say: 'all' | 'problems' | 'json';
  /** By the name of the service, whether or not it has a section. */
  ofApp(name: string): AppSettings;
};

import type { AppSettings, DiscoveryRules, HostSettings } from '../../../src/host/host-settings.ts';

export function hostSettings(
  rules: Partial<DiscoveryRules> = {},
  app: Partial<AppSettings> = {},
): HostSettings {
  const usual: AppSettings = {
    ...{
      app: 'shop',
      instance: 'host',
      isEnabled: true,
      attachDebugger: true,
      dropIn: true,
      children: [],
      uplink: null,
      notify: null,
    },
    policy: { armAfter: 3, windowMs: 1000, cooldownMs: 1000 },
    uplinkHeaders: {},
    notifySecrets: { password: null, webhook: null, webhookSecret: null },
  };
  return {
    discovery: { all: false, include: [], exclude: [], watch: [], ...rules },
    stateDir: null,
    say: 'all',
    ofApp: (name) => ({ ...usual, app: name, ...app }),
  };
}

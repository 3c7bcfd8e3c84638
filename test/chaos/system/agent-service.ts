import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MAIN } from '../../support/crashmon.ts';
import type { AppPlan } from '../plan/apps.ts';
import { INSTANCE } from './app-service.ts';
import { Service } from './service.ts';

const AGENT = 'agent';

export type AgentPlace = {
  stateDir: string;
  appsDir: string;
  portalUrl: string;
  tokenFileOf: (app: string) => string;
  env: Readonly<Record<string, string>>;
};

/** `crashmon agent`, which watches the apps of this plan. They are found by the ledger in the command line of their programs. */
export function startAgent(plans: readonly AppPlan[], place: AgentPlace): Service {
  const { stateDir, appsDir, portalUrl, tokenFileOf, env } = place;
  const directory = path.join(appsDir, AGENT);
  mkdirSync(directory, { recursive: true });
  const watch = plans.map(({ name }) => `${name}=*${path.join(appsDir, name, 'deaths')}*`);
  const sections = plans.map(({ name, armAfter, cooldownMs }) =>
    [
      `[apps.${name}]`,
      `portal = "${portalUrl}"`,
      `portal-token-file = "${tokenFileOf(name)}"`,
      `arm-after = ${armAfter}`,
      `cooldown = "${cooldownMs}ms"`,
    ].join('\n'),
  );
  const settings = path.join(directory, 'agent.toml');
  const common = `watch = ${JSON.stringify(watch)}\ninstance = "${INSTANCE}"`;
  writeFileSync(settings, `${[common, ...sections].join('\n\n')}\n`, { mode: 0o600 });
  return new Service(AGENT, {
    argv: [process.execPath, MAIN, 'agent', '--json', '--state-dir', stateDir, '--config', settings],
    env,
    output: path.join(directory, 'output'),
  });
}

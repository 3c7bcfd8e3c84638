import type { Values } from './read-values.ts';

/** A layer that names another target does not send the secrets of the one below to it, or let it ask for anything. */
const TARGETS = [
  {
    named: ['portal', 'otlpEndpoint'],
    parts: ['portalTokenFile', 'otlpHeader', 'remoteControl', 'sessionPortalDumps'],
  },
  { named: ['notify'], parts: ['mailFrom', 'smtpPasswordFile'] },
  { named: ['webhook'], parts: ['webhookPreset', 'webhookSecretFile', 'webhookAllowPrivate'] },
] as const;

/** Settings over settings; the last counts. */
export function layered(...layers: readonly Values[]): Values {
  const values: Values = {};
  for (const layer of layers) {
    for (const { named, parts } of TARGETS) {
      if (!named.some((name) => name in layer)) continue;
      for (const name of [...named, ...parts]) delete values[name];
    }
    Object.assign(values, layer);
  }
  return values;
}

/**
 * Answer to `qSupported`: `name=value`, `name+`, `name-` or `name?` between semicolons.
 */
export function parseSupportedFeatures(payload: string): ReadonlyMap<string, string | boolean> {
  const features = new Map<string, string | boolean>();
  for (const item of payload.split(';')) {
    const equals = item.indexOf('=');
    if (equals > 0) features.set(item.slice(0, equals), item.slice(equals + 1));
    else if (/^.+[+?-]$/s.test(item)) features.set(item.slice(0, -1), item.endsWith('+'));
  }
  return features;
}

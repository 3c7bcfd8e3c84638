/** What `--watch` names: processes by a glob for their command line, or a systemd unit. */
export type WatchRule = { name: string } & ({ command: string } | { unit: string });

const MAX_CHARACTERS = 1000;

/** `shop=node *server.js*`, `shop=unit:shop.service`, `shop=unit:shop`; null for anything else. */
export function parseWatchRule(text: string): WatchRule | null {
  const [, name = '', what = ''] = /^([\p{L}\p{N}@][\p{L}\p{N}@._:~-]{0,99})=(.+)$/u.exec(text) ?? [];
  if (name === '' || what.length > MAX_CHARACTERS) return null;
  if (!what.startsWith('unit:')) return /[^*?]/.test(what) ? { name, command: what } : null;
  const unit = what.slice('unit:'.length);
  if (!/^[\w:.\\@-]{1,250}$/.test(unit)) return null;
  return { name, unit: unit.endsWith('.service') ? unit : `${unit}.service` };
}

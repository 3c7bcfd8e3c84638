import type { Addon } from '../model/addon.ts';

/** `better-sqlite3 13.0.1` */
export function addonWords({ name, version }: Addon): string {
  return version === null ? name : `${name} ${version}`;
}

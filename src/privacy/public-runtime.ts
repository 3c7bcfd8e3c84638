import { RUNTIMES, type RuntimeVersion } from '../model/runtime.ts';

/** A runtime with its version in digits, as far as it looks like one: `v24.1.0` → `24.1.0`, `go1.19.8` → `1.19.8`. */
export function publicRuntime(runtime: RuntimeVersion | null): RuntimeVersion | null {
  const name = RUNTIMES.find((known) => known === runtime?.name);
  if (runtime === null || name === undefined) return null;
  const version = runtime.version?.replace(/^(?:v|go)(?=\d)/, '').replace(/\+.*$/s, '') ?? '';
  return { name, version: VERSION.test(version) ? version : null };
}

const VERSION =
  /^\d{1,3}(?:\.\d{1,3}){0,3}(?:-?(?:nightly|rc|canary|test|alpha|beta|preview|dev|p|a|b)[-.\d]{0,12})?$/;

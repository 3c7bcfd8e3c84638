import { library, type OriginRule, OWN } from './origin-rule.ts';

export const rustOrigin: OriginRule = ({ function: name, file }) => {
  const crate = /\/\.cargo\/registry\/src\/[^/]{1,100}\/([a-z0-9_-]{1,80}?)-\d/i.exec(file ?? '')?.[1];
  if (crate !== undefined) return library(crate);
  const checkout = /\/\.cargo\/git\/checkouts\/([a-z0-9_-]{1,80}?)-[0-9a-f]{8,16}\//i.exec(file ?? '')?.[1];
  if (checkout !== undefined) return library(checkout);
  const vendored = /\/vendor\/([a-z0-9_-]{1,80})\//i.exec(file ?? '')?.[1];
  if (vendored !== undefined) return library(vendored);
  if (/^\/rustc\/|^library\/|\/rustlib\//.test(file ?? '') || STANDARD.test(name ?? ''))
    return library('std');
  return file === null && name === null ? library('std') : OWN;
};

const STANDARD =
  /^(?:<.{0,200} as )?(?:std|core|alloc|__rustc|proc_macro|test)::|^(?:rust_begin_unwind|__rust_\w+|main|_start|__libc_start\w*)$/;

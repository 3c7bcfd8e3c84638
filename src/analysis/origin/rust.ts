import { library, type OriginRule, OWN } from './origin-rule.ts';

/** Of the crates that come with the compiler, and what starts a program. */
const STANDARD =
  /^(?:<(?:.{0,200} as )?&?)?(?:std|core|alloc|__rustc|proc_macro|test)(?:::|<)|^(?:rust_begin_unwind|rust_panic|__rust_\w+|main|_start|__libc_start\w*)$/;
const LIBRARIES = [
  /\/\.?cargo\/registry\/src\/[^/]{1,100}\/([a-z0-9_-]{1,80}?)-\d/i,
  /\/\.?cargo\/git\/checkouts\/([a-z0-9_-]{1,80}?)-[0-9a-f]{8,16}\//i,
  /(?:^|\/)vendor\/([a-z0-9_-]{1,80})\//i,
];

/** By the file where debug information has it: a trait of `core` can be implemented by the app. */
export const rustOrigin: OriginRule = ({ function: name, file }) => {
  if (file === null) return name === null || STANDARD.test(name) ? library('std') : OWN;
  const crate = LIBRARIES.map((pattern) => pattern.exec(file)?.[1]).find((found) => found !== undefined);
  if (crate !== undefined) return library(crate);
  const isStandard = /^\/rustc\/|^library\/|\/rustlib\//.test(file) || !file.endsWith('.rs');
  return isStandard ? library('std') : OWN;
};

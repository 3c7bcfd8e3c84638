import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { ObservedProgram } from '../model/observed-program.ts';
import type { PreviousProgram } from '../policy/worker-preparation.ts';

/** What decides how the next worker is started. */
export function previousProgram(program: ObservedProgram | null): PreviousProgram | null {
  if (program === null) return null;
  const { executable, args, cwd } = program;
  const isMono = /^mono(?:-sgen|-boehm)?$/.test(basename(executable));
  return { executable, args, hasMonoSymbols: isMono && hasSymbols(args, cwd) };
}

/** `shop.exe` has them in `shop.pdb`, or in `shop.exe.mdb` of older compilers. */
function hasSymbols(args: readonly string[], cwd: string): boolean {
  const assembly = args.find((arg, index) => index > 0 && /\.(?:exe|dll)$/i.test(arg));
  if (assembly === undefined) return false;
  const path = resolve(cwd, assembly);
  return existsSync(path.replace(/\.\w+$/, '.pdb')) || existsSync(`${path}.mdb`);
}

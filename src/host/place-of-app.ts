import { dirname, resolve } from 'node:path';
import { identifyApp } from '../agent/identify/app-identity.ts';
import type { ObservedProgram } from '../model/observed-program.ts';
import type { Locate } from '../symbols/locate.ts';
import type { AppPlace } from './app-parts.ts';
import type { ServiceCommand } from './source.ts';

/** Services often start in the root directory: then the app is where its script is. */
export function placeOfApp(
  program: ObservedProgram | null,
  command: ServiceCommand | null,
  locate: Locate,
): AppPlace {
  const argv = program?.args ?? command?.argv ?? [];
  const cwd = program?.cwd ?? command?.cwd ?? '/';
  const script = argv.find((arg, index) => index > 0 && /\.[a-z]{1,4}$/i.test(arg) && !arg.startsWith('-'));
  const from = cwd !== '/' || script === undefined ? cwd : dirname(resolve(cwd, script));
  const { root, workspaceRoot } = identifyApp(argv, from, undefined, locate);
  return { appRoot: root, workspaceRoot };
}

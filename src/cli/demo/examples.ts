import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CliContext } from '../context.ts';

/** A small app with a bug. */
export type Example = {
  /** Also what it prints before ` listening on http:…`. */
  app: string;
  folder: string;
  command: readonly string[];
  /** The request that crashes it. */
  order: { path: string; body: object };
};

const folderOf = (name: string) => fileURLToPath(new URL(`../../../examples/${name}`, import.meta.url));
const EMAIL = 'ada.lovelace@example.org';

/** On the Node on PATH, as the user's app; else on the one that runs crashmon. */
export function shopExample(context: CliContext): Example {
  return {
    app: 'shop',
    folder: folderOf('shop'),
    command: [isOnPath('node', context) ? 'node' : process.execPath, 'dist/server.js'],
    order: { path: '/cart', body: { email: EMAIL, items: ['kettle'], coupon: 'WELCOM10' } },
  };
}

/** null without Python. */
export function ticketsExample(context: CliContext): Example | null {
  if (!isOnPath('python3', context)) return null;
  return {
    app: 'tickets',
    folder: folderOf('tickets'),
    // Without the flag Python would write into the example's folder.
    command: ['python3', '-B', 'server.py'],
    order: { path: '/bookings', body: { email: EMAIL, train: 'steam train', seats: 2 } },
  };
}

function isOnPath(program: string, { env }: CliContext): boolean {
  return (env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return directory !== '';
    } catch {
      return false;
    }
  });
}

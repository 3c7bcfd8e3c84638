import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { PortalServer } from './portal-server.ts';

const DIRECTORIES = [
  path.join(import.meta.dirname, '..', 'assets'),
  path.dirname(fileURLToPath(import.meta.resolve('uplot'))),
];

/** `/assets/<hash of everything in it>`: scripts that import each other by relative names stay of one version. */
export function assetsPrefix(): string {
  const hash = createHash('sha256');
  for (const directory of DIRECTORIES) {
    for (const name of readdirSync(directory).sort()) {
      hash
        .update(`${name}\0`)
        .update(readFileSync(path.join(directory, name)))
        .update('\0');
    }
  }
  return `/assets/${hash.digest('hex').slice(0, 12)}`;
}

export async function registerAssets(server: PortalServer, prefix: string): Promise<void> {
  await server.register(fastifyStatic, {
    root: DIRECTORIES,
    prefix: `${prefix}/`,
    decorateReply: false,
    index: false,
    dotfiles: 'ignore',
    immutable: true,
    maxAge: '365d',
  });
}

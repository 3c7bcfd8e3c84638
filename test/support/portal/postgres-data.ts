import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { CHECKOUT } from '../crashmon.ts';

const run = promisify(execFile);
const CACHE = path.join(CHECKOUT, 'node_modules/.cache/crashmon-tests');
const OPTIONS = ['-U', 'portal', '--auth=trust', '--encoding=UTF8', '--no-locale', '--no-sync'];

/**
 * Makes a data directory of PostgreSQL, `data`, in a directory that the user of `as` owns. `initdb` runs once for all tests
 * and its result is copied, which takes a tenth of the time.
 */
export async function makeDataDirectory(initdb: string, as: readonly string[], data: string): Promise<void> {
  const made = path.join(
    CACHE,
    `postgresql-${initdb.split('/').at(-3)}-${as.length === 0 ? 'own' : 'by-root'}`,
  );
  if (!existsSync(made)) await makeFirst([...as, initdb], data, made);
  else await copy(made, data);
}

async function makeFirst(command: readonly string[], data: string, made: string): Promise<void> {
  const [first = '', ...rest] = command;
  await run(first, [...rest, '-D', data, ...OPTIONS], { cwd: path.dirname(data) });
  // Process IDs come again in another namespace.
  const unfinished = `${made}-${randomUUID()}`;
  await mkdir(CACHE, { recursive: true });
  await copy(data, unfinished);
  // Another test can have been first.
  await rename(unfinished, made).catch(() => rm(unfinished, { recursive: true }));
}

/** With owner and mode. */
async function copy(from: string, to: string): Promise<void> {
  await run('cp', ['-a', '--no-target-directory', from, to]);
}

import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { accountName, NAME_SENTENCE } from '../../portal/access/domain/account-name.ts';
import { whyNotPassword } from '../../portal/access/domain/passwords/password-rules.ts';
import type { FirstAccount } from '../../portal/portal-parts.ts';
import type { CliContext } from '../context.ts';
import { line } from '../render/safe-text.ts';

export type FirstAccountOptions = { adminName?: string; adminPasswordFile?: string };

/** A longer file is not a password. */
const MAX_BYTES = 4096;

/** The first account from a secret, for an installation without a person who opens a link. */
export function addFirstAccountOptions(command: Command): Command {
  return command
    .option('--admin-name <name>', 'name of the first account, with its password (default: admin)')
    .option(
      '--admin-password-file <file>',
      'file with the password of the first account (CRASHMON_ADMIN_PASSWORD)',
    );
}

/**
 * null without a password: then the portal prints a link.
 * @throws CrashmonError BAD_OPTION; its message contains no password
 */
export function firstAccountOf(
  { adminName, adminPasswordFile: file }: FirstAccountOptions,
  { env }: Pick<CliContext, 'env'>,
): FirstAccount | null {
  const password = file === undefined ? (env.CRASHMON_ADMIN_PASSWORD ?? '') : passwordFrom(file);
  if (password === '') {
    if (file === undefined && adminName === undefined) return null;
    throw bad('The first account has no password: write it into the file of --admin-password-file.');
  }
  const name = accountName(adminName ?? 'admin');
  if (name === null) throw bad(NAME_SENTENCE);
  const why = whyNotPassword(password, name);
  if (why !== null) throw bad(`The first account cannot have this password. ${why}`);
  return { name, password };
}

function passwordFrom(file: string): string {
  try {
    return readFileSync(file, 'utf8')
      .slice(0, MAX_BYTES)
      .replace(/\r?\n$/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw bad(`Cannot read ${line(file)} (${code}): check --admin-password-file.`);
  }
}

const bad = (sentence: string): CrashmonError => new CrashmonError('BAD_OPTION', sentence);

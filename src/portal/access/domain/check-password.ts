import type { PortalParts } from '../../portal-parts.ts';
import type { Account, AccountStore, AttemptStore } from '../../store/access/access-store.ts';
import { typedName } from './account-name.ts';
import { hashPassword, isOutdated, NO_PASSWORD, verifyPassword } from './passwords/password-hash.ts';
import type { PasswordWork } from './passwords/password-work.ts';
import { forgetAttempts, waitBeforeAttempt } from './throttle.ts';

export type PasswordCheck =
  | { is: 'right'; account: Account }
  | { is: 'wrong' }
  | { is: 'too-often'; waitMs: number }
  | { is: 'busy' };

/** Takes as long for a name without an account as for one with. */
export async function checkPassword(
  parts: PortalParts<AccountStore & AttemptStore>,
  work: PasswordWork,
  { name, password, address }: { name: string; password: string; address: string },
): Promise<PasswordCheck> {
  const waitMs = await waitBeforeAttempt(parts, { name, address });
  if (waitMs > 0) return { is: 'too-often', waitMs };
  const found = await parts.store.accountByName(typedName(name));
  const stored = found?.passwordHash ?? NO_PASSWORD;
  const isRight = await work.run(() => verifyPassword(password, stored));
  if (isRight === null) return { is: 'busy' };
  if (found === null || !isRight) return { is: 'wrong' };
  await forgetAttempts(parts, name);
  if (isOutdated(stored)) {
    const hash = await work.run(() => hashPassword(password));
    if (hash !== null) await parts.store.replacePasswordHash(found.id, stored, hash);
  }
  const { passwordHash: _, ...account } = found;
  return { is: 'right', account };
}

import { accessWords } from '../../portal/access/domain/grant-words.ts';
import type { Account, ApiToken, IngestToken } from '../../portal/store/access/access-store.ts';
import type { CliContext } from '../context.ts';
import { hintFor } from '../hint.ts';
import { colorsFor } from '../render/colors.ts';
import { alignColumns, clip } from '../render/layout.ts';
import { line } from '../render/safe-text.ts';
import { isoTime, localTime } from '../render/times.ts';

export function accountTable(accounts: readonly Account[], context: CliContext): string {
  if (accounts.length === 0) {
    return 'No accounts yet. Start the portal: it prints a link that creates the first one.\n';
  }
  const rows = accounts.map((account) => [
    clip(line(account.name), 32),
    timeOr(account.lastSignInMs, 'never', context),
    clip(line(accessWords(account)), 60),
  ]);
  return table([['NAME', 'LAST SIGN-IN', 'ACCESS'], ...rows], context);
}

export function tokenTable(tokens: readonly IngestToken[], context: CliContext): string {
  if (tokens.length === 0)
    return `No tokens yet. Create one for an app:  ${hintFor({}, context)('portal', 'tokens', 'add', '<app>')}\n`;
  const rows = tokens.map((token) => [
    line(token.id),
    clip(line(token.app), 32),
    token.revokedAtMs === null ? timeOr(token.lastUsedMs, 'never', context) : 'revoked',
    timeOr(token.createdAtMs, '', context),
    clip(line(token.createdBy), 20),
    clip(line(token.label), 30),
  ]);
  return table([['ID', 'APP', 'LAST USED', 'CREATED', 'BY', 'LABEL'], ...rows], context);
}

export function accountToJson({ name, grants, createdAtMs, lastSignInMs }: Account): object {
  return { name, grants, createdAt: isoTime(createdAtMs), lastSignInAt: timeOrNull(lastSignInMs) };
}

export function tokenToJson(token: IngestToken): object {
  const { id, app, label, createdAtMs, createdBy, lastUsedMs, revokedAtMs } = token;
  const lastUsedAt = timeOrNull(lastUsedMs);
  const revokedAt = timeOrNull(revokedAtMs);
  return { id, app, label, createdAt: isoTime(createdAtMs), createdBy, lastUsedAt, revokedAt };
}

export function apiTokenTable(
  tokens: readonly ApiToken[],
  names: ReadonlyMap<string, string>,
  context: CliContext,
): string {
  if (tokens.length === 0) return 'No API tokens yet.\n';
  const rows = tokens.map((token) => [
    line(token.id),
    clip(line(names.get(token.accountId) ?? 'removed'), 20),
    token.scopes.join(' '),
    clip(token.apps === null ? 'all' : line(token.apps.join(', ')), 30),
    timeOr(token.lastUsedMs, 'never', context),
    endOf(token, context),
    clip(line(token.name), 30),
  ]);
  return table([['ID', 'ACCOUNT', 'SCOPES', 'APPS', 'LAST USED', 'EXPIRES', 'NAME'], ...rows], context);
}

function endOf({ revokedAtMs, expiresAtMs }: ApiToken, context: CliContext): string {
  if (revokedAtMs !== null) return 'revoked';
  return expiresAtMs <= context.now().wallMs ? 'expired' : timeOr(expiresAtMs, '', context);
}

export function apiTokenToJson(token: ApiToken, names: ReadonlyMap<string, string>): object {
  const { id, name, scopes, apps, createdAtMs, createdBy, expiresAtMs, lastUsedMs, revokedAtMs } = token;
  const [createdAt, expiresAt] = [isoTime(createdAtMs), isoTime(expiresAtMs)];
  const [lastUsedAt, revokedAt] = [timeOrNull(lastUsedMs), timeOrNull(revokedAtMs)];
  const account = names.get(token.accountId) ?? null;
  return { id, name, account, scopes, apps, createdAt, createdBy, expiresAt, lastUsedAt, revokedAt };
}

function table(rows: readonly string[][], context: CliContext): string {
  const { bold } = colorsFor(context.env, context.isTTY);
  const [header = '', ...lines] = alignColumns(rows);
  return `${[bold(header), ...lines].join('\n')}\n`;
}

function timeOr(ms: number | null, otherwise: string, context: CliContext): string {
  return ms === null ? otherwise : localTime(ms, context, context.now().wallMs);
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}

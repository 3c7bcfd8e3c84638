import { accessWords } from '../../portal/access/domain/grant-words.ts';
import type { Account, IngestToken } from '../../portal/store/access/access-store.ts';
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

import { DUMP_KINDS, type DumpKind } from './dump.ts';
import type { ExitStatus } from './exit.ts';

export const SESSION_ENDS = ['running', 'stopped', 'time', 'count'] as const;

/** What of a session may leave the instance: no path, no key, no user of the instance. */
export type PublicSession = {
  /** 12 hexadecimal digits; that of the request where the portal asked for it. */
  id: string;
  startedAtMs: number;
  endsAtMs: number;
  /** `running`, or what ended it. */
  state: (typeof SESSION_ENDS)[number];
  maxDumps: number;
  kept: number;
  /** ID of the portal's account that asked for it; null: it was started on the instance. */
  account: string | null;
};

/** What of a kept dump may leave the instance: that it is there. */
export type PublicDump = {
  kind: DumpKind;
  /** uid of its crash, whose last 12 digits are the dump's ID. All but a core have one of their own, of no crash. */
  crashUid: string;
  /** Of the file. */
  sizeBytes: number;
  /** A core with all memory of the process, not only what a stack needs. */
  full: boolean;
  encrypted: boolean;
  status: ExitStatus;
  keptAtMs: number;
  expiresAtMs: number;
};

/** A list with so many can be incomplete: the oldest are left out. */
export const MOST_DUMPS = 100;

/** Wire format: `0123456789ab 1764500000000 1764586400000 running 1/3 ACCOUNT`. */
export function sessionToken(session: PublicSession): string {
  const { id, startedAtMs, endsAtMs, state, maxDumps, kept, account } = session;
  return `${id} ${startedAtMs} ${endsAtMs} ${state} ${kept}/${maxDumps} ${account ?? '-'}`;
}

const SESSION = /^([0-9a-f]{12}) (\d{1,15}) (\d{1,15}) ([a-z]+) (\d{1,9})\/(\d{1,9}) (-|[0-9A-Za-z-]{2,64})$/;

/** null for anything else: from a newer version or another sender. */
export function parseSessionToken(token: string): PublicSession | null {
  const [, id = '', startedAt, endsAt, word, kept, maxDumps, account = '-'] = SESSION.exec(token) ?? [];
  const state = SESSION_ENDS.find((each) => each === word);
  if (state === undefined) return null;
  return {
    ...{ id, startedAtMs: Number(startedAt), endsAtMs: Number(endsAt), state },
    ...{ maxDumps: Number(maxDumps), kept: Number(kept), account: account === '-' ? null : account },
  };
}

/** Wire format: `UID 1764500000000 1765104800000 81920 trimmed age signal:SIGSEGV`. A portal that does not know a kind leaves it out. */
export function dumpToken(dump: PublicDump): string {
  const { kind, crashUid, keptAtMs, expiresAtMs, sizeBytes, full, encrypted, status } = dump;
  const what = kind === 'core' ? (full ? 'full' : 'trimmed') : kind;
  const words = [what, encrypted ? 'age' : 'none', statusToken(status)];
  return [crashUid, keptAtMs, expiresAtMs, sizeBytes, ...words].join(' ');
}

const DUMP =
  /^([0-9a-f]{24}) (\d{1,15}) (\d{1,15}) (\d{1,15}) ([a-z-]{1,20}) (age|none) (?:code:(\d{1,3})|signal:(SIG[A-Z0-9+]{2,12})|unknown)$/;

/** null for anything else. */
export function parseDumpToken(token: string): PublicDump | null {
  const match = DUMP.exec(token);
  if (match === null) return null;
  const [, crashUid = '', keptAt, expiresAt, size, what, encryption, code, signal] = match;
  const isCore = what === 'full' || what === 'trimmed';
  const kind = isCore ? 'core' : DUMP_KINDS.find((each) => each !== 'core' && each === what);
  if (kind === undefined) return null;
  return {
    ...{ kind, crashUid, sizeBytes: Number(size), full: what === 'full', encrypted: encryption === 'age' },
    status: statusOf(code, signal),
    ...{ keptAtMs: Number(keptAt), expiresAtMs: Number(expiresAt) },
  };
}

function statusToken(status: ExitStatus): string {
  if (status.type === 'code') return `code:${status.code}`;
  return status.type === 'signal' ? `signal:${status.signal}` : 'unknown';
}

function statusOf(code: string | undefined, signal: string | undefined): ExitStatus {
  if (code !== undefined) return { type: 'code', code: Math.min(255, Number(code)) };
  return signal === undefined ? { type: 'unknown' } : { type: 'signal', signal };
}

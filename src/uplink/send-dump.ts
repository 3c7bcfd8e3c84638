import { PIECE_BYTES, type SealedDump, type WantedDump } from '../model/sealed-dump.ts';

export type DumpTarget = {
  /** URL of `/v1/logs`. */
  endpoint: URL;
  headers: Readonly<Record<string, string>>;
  instance: string;
};

/** `away`: to be tried again. `refused`: the portal takes it no more. */
export type DumpOutcome = 'sent' | 'away' | 'refused';

const TIMEOUT_MS = 30_000;

/** Sends an encrypted dump to a portal that asked for it, in parts, from where the portal has it. Nothing else than this type is taken. */
export async function sendDump(
  { endpoint, headers, instance }: DumpTarget,
  { crashUid, have }: WantedDump,
  dump: SealedDump,
): Promise<DumpOutcome> {
  for (let position = have; position < dump.sizeBytes; ) {
    const url = new URL(
      `dumps/${crashUid}?${new URLSearchParams({ instance, position: `${position}` })}`,
      endpoint,
    );
    const body = new Uint8Array(dump.read(position, PIECE_BYTES));
    let next: unknown;
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const answer = await fetch(url, { method: 'PUT', headers, body, redirect: 'error', signal });
      if (answer.status !== 200) {
        await answer.body?.cancel();
        return answer.status >= 400 && answer.status < 500 ? 'refused' : 'away';
      }
      ({ next } = (await answer.json()) as { next?: unknown });
    } catch {
      return 'away';
    }
    // Another process can have sent it meanwhile; a portal that goes back has lost what it had.
    if (!Number.isSafeInteger(next) || Number(next) <= position) return 'away';
    position = Number(next);
  }
  return 'sent';
}

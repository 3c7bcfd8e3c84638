import type { IncomingMessage } from 'node:http';
import { beginsEncrypted, PIECE_BYTES } from '../../model/sealed-dump.ts';
import type { PortalParts } from '../portal-parts.ts';
import type { CopyRefusal, CopyStore } from '../store/copies/copy-store.ts';
import type { Admission } from './admission.ts';
import type { IngestLimits } from './ingest-limits.ts';
import { readBody } from './read-body.ts';
import { Refusal, soon } from './refusal.ts';
import type { TokenGate } from './token-gate.ts';

export type DumpRequest = {
  raw: IncomingMessage;
  address: string;
  uid: string;
  query: unknown;
};

/** What all routes of ingest share. */
type Doors = { gate: TokenGate; admission: Admission };

const FULL_S = 600;
const UID = /^[0-9a-f]{24}$/;
const LONGEST_NAME = 300;

/** Takes encrypted dumps, one part a request, so that no more than a part is in memory. What it throws is the response. */
export class DumpReceiver {
  readonly #parts: PortalParts<CopyStore>;
  readonly #doors: Doors;
  readonly #limits: IngestLimits;

  constructor(parts: PortalParts<CopyStore>, doors: Doors, limits: IngestLimits) {
    this.#parts = parts;
    this.#doors = doors;
    this.#limits = limits;
  }

  /** The part is durable when it settles. @returns how much of the dump is here @throws Refusal; CrashmonError if the store fails */
  async receive({ raw, address, uid, query: given }: DumpRequest): Promise<number> {
    const { store, settings, now } = this.#parts;
    const token = await this.#doors.gate.enter(raw.headers.authorization, address);
    const { dumpBytes } = settings;
    if (dumpBytes === undefined) throw new Refusal(404, 'This portal takes no dumps (--portal-dumps).');
    const where = whereOf(uid, given);
    if (where === null) throw new Refusal(400, 'Give /v1/dumps/UID?instance=NAME&position=BYTES.');
    const { position, ...which } = where;
    const lease = await this.#doors.admission.enter(token.id, PIECE_BYTES);
    try {
      const bounds = { ...this.#limits, bodyBytes: PIECE_BYTES, decodedBytes: PIECE_BYTES };
      const bytes = await readBody(raw, raw.headers['content-encoding'], bounds, lease);
      if (position === 0 && !beginsEncrypted(bytes)) throw refusalOf('not-encrypted');
      const key = { app: token.app, ...which };
      const next = await store.addPiece(key, { position, bytes }, dumpBytes, now());
      if (typeof next === 'string') throw refusalOf(next);
      return next;
    } finally {
      lease.release();
    }
  }
}

function whereOf(
  crashUid: string,
  query: unknown,
): { crashUid: string; instance: string; position: number } | null {
  const { instance, position: text } = { ...(query as object) } as Record<string, unknown>;
  const position = typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : null;
  if (!UID.test(crashUid) || position === null) return null;
  return typeof instance === 'string' && instance !== '' && instance.length <= LONGEST_NAME
    ? { crashUid, instance, position }
    : null;
}

function refusalOf(why: CopyRefusal): Refusal {
  switch (why) {
    case 'unknown':
      return new Refusal(404, 'No instance of this app says that it keeps this dump.');
    case 'not-encrypted':
      return new Refusal(400, 'The dump is not encrypted. Nothing was stored.');
    case 'wrong-part':
      return new Refusal(400, 'The part has the wrong length.');
    case 'too-large':
      return new Refusal(413, 'The dump is larger than half of --portal-dumps.');
    case 'full':
      return new Refusal(503, 'There is no room for this dump (--portal-dumps).', soon(FULL_S));
  }
}

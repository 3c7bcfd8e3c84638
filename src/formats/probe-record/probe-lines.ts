/** What a probe wrote into a FIFO: that it is in a process, or a whole record of it, not parsed yet. */
export type ProbeLine = { type: 'claim'; pid: number } | { type: 'record'; pid: number; text: string };

type Parts = { pid: number; number: number; count: number; pieces: Buffer[] };

/** PIPE_BUF: what is longer was not written at once. */
const MAX_LINE = 4096;
const MAX_PIECES = 15;
/** Processes that write a record at the same time. */
const MAX_OPEN = 4;
const CLAIM = /^c ([1-9]\d{0,9})$/;
const RECORD = /^r ([1-9]\d{0,9}) (\d{1,9}) (\d{1,2}) (\d{1,2}) /;

/**
 * Lines of the FIFO of a unit (`probe/record-fifo.cjs`): `c PID`, or `r PID RECORD PIECE PIECES BYTES`, where the bytes of
 * all pieces are a record in JSON, which has no line feeds. Other processes of the unit's user can write there:
 * what is no such line, or comes out of order, is left out. Bounded.
 */
export class ProbeLines {
  #rest = Buffer.alloc(0);
  /** The line that begins in `#rest` is too long: the rest of it is left out. */
  #isTooLong = false;
  readonly #open = new Map<number, Parts>();

  add(bytes: Buffer): ProbeLine[] {
    const found: ProbeLine[] = [];
    let from = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
      const line = Buffer.concat([this.#rest, bytes.subarray(from, end)]);
      if (!this.#isTooLong && line.length < MAX_LINE) this.#read(line, found);
      this.#rest = Buffer.alloc(0);
      this.#isTooLong = false;
      from = end + 1;
    }
    const rest = Buffer.concat([this.#rest, bytes.subarray(from)]);
    this.#isTooLong ||= rest.length >= MAX_LINE;
    this.#rest = this.#isTooLong ? Buffer.alloc(0) : rest;
    return found;
  }

  #read(line: Buffer, found: ProbeLine[]): void {
    const text = line.toString('latin1');
    const claim = CLAIM.exec(text);
    if (claim !== null) found.push({ type: 'claim', pid: Number(claim[1]) });
    const record = RECORD.exec(text);
    if (record === null) return;
    const [pid = 0, number = 0, piece = 0, count = 0] = record.slice(1).map(Number);
    const parts = this.#partsOf({ pid, number, count, pieces: [] }, piece);
    if (parts === null) return;
    parts.pieces.push(line.subarray(record[0].length));
    if (parts.pieces.length < parts.count) return;
    this.#open.delete(pid);
    found.push({ type: 'record', pid, text: Buffer.concat(parts.pieces).toString('utf8') });
  }

  /** null for a piece that does not follow what came before. */
  #partsOf(begun: Parts, piece: number): Parts | null {
    if (piece > 0) {
      const parts = this.#open.get(begun.pid);
      const isNext = parts?.number === begun.number && parts.count === begun.count;
      return isNext && parts.pieces.length === piece ? parts : null;
    }
    if (begun.count < 1 || begun.count > MAX_PIECES) return null;
    this.#open.delete(begun.pid);
    this.#open.set(begun.pid, begun);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MAX_OPEN && oldest !== undefined) this.#open.delete(oldest);
    return begun;
  }
}

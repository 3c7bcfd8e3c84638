import { parseCandidate } from '../../formats/probe-record/parse-candidate.ts';
import type { ProbeLine } from '../../formats/probe-record/probe-lines.ts';
import type { CandidateRecord } from '../../model/probe-record.ts';

/** Processes of a unit that loaded the probe, and whose end is not known yet. */
const MAX_PROCESSES = 8;
const MAX_RECORDS = 10;

/** What probes of one unit wrote, by process. Any process of the unit's user can write it: a claim, and no more. Pure. */
export class ProbeClaims {
  readonly #records = new Map<number, CandidateRecord[]>();

  /** What is no record is left out; of many, the newest stay. */
  add(line: ProbeLine): void {
    const { pid } = line;
    if (line.type === 'claim') {
      this.#records.delete(pid);
      this.#records.set(pid, []);
      const [oldest] = this.#records.keys();
      if (this.#records.size > MAX_PROCESSES && oldest !== undefined) this.#records.delete(oldest);
      return;
    }
    const records = this.#records.get(pid);
    const record = records === undefined ? null : parse(line.text);
    if (record?.pid !== pid) return;
    records?.push(record);
    records?.splice(0, records.length - MAX_RECORDS);
  }

  has(pid: number): boolean {
    return this.#records.has(pid);
  }

  /** Takes the records of a process, which has ended; null if it did not load the probe. */
  take(pid: number): CandidateRecord[] | null {
    const records = this.#records.get(pid) ?? null;
    this.#records.delete(pid);
    return records;
  }
}

function parse(text: string): CandidateRecord | null {
  try {
    // Where standard error stands says nothing: its text comes from elsewhere.
    return { ...parseCandidate(text), stderrOffset: null };
  } catch {
    return null;
  }
}

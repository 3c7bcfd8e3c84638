/** How long an answer is believed, unless systemd reads its units again. */
const HOLDS_MS = 60_000;
const MAX_HELD = 1_000;

/** What systemd says of its units, asked rarely: in a crash loop each start and exit wants to know. */
export class HeldAnswers<Answer> {
  readonly #ask: (unit: string) => Promise<Answer>;
  readonly #now: () => number;
  readonly #held = new Map<string, { askedAtMs: number; answer: Promise<Answer> }>();

  /** @param ask must not reject @param now monotonic, in ms */
  constructor(ask: (unit: string) => Promise<Answer>, now: () => number = () => performance.now()) {
    this.#ask = ask;
    this.#now = now;
  }

  of(unit: string): Promise<Answer> {
    const held = this.#held.get(unit);
    const now = this.#now();
    if (held !== undefined && now - held.askedAtMs < HOLDS_MS) return held.answer;
    this.#held.delete(unit);
    const answer = this.#ask(unit);
    this.#held.set(unit, { askedAtMs: now, answer });
    const [oldest] = this.#held.size > MAX_HELD ? this.#held.keys() : [];
    if (oldest !== undefined) this.#held.delete(oldest);
    return answer;
  }

  /** systemd has read its units again. */
  clear(): void {
    this.#held.clear();
  }
}

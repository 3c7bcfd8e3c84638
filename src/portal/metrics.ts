type Labels = Readonly<Record<string, string>>;
type Kind = 'counter' | 'gauge' | 'histogram';
type Family = { name: string; kind: Kind; help: string; lines: () => string[] };

/** Counts of one name, one for each set of labels. */
export type Counter = { add(amount: number, labels?: Labels): void };
export type Histogram = { observe(value: number): void };

/** What the process has counted, in Prometheus' text format 0.0.4. Labels must come from closed sets. */
export class Metrics {
  readonly #families: Family[] = [];

  counter(name: string, help: string): Counter {
    const counts = new Map<string, number>();
    this.#families.push({
      name,
      kind: 'counter',
      help,
      lines: () => [...counts].map(([labels, count]) => `${name}${labels} ${count}`),
    });
    return {
      add(amount, labels = {}) {
        const key = labelText(labels);
        counts.set(key, (counts.get(key) ?? 0) + amount);
      },
    };
  }

  /** Read at each request for metrics. */
  gauge(name: string, help: string, read: () => number): void {
    this.#families.push({ name, kind: 'gauge', help, lines: () => [`${name} ${read()}`] });
  }

  /** @param bounds upper bounds of the buckets, rising; what is above all of them is counted too */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const counts = new Array<number>(bounds.length + 1).fill(0);
    let sum = 0;
    const lines = () => {
      let total = 0;
      const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound, index) => {
        total += counts[index] ?? 0;
        return `${name}_bucket{le="${bound === Number.POSITIVE_INFINITY ? '+Inf' : bound}"} ${total}`;
      });
      return [...buckets, `${name}_sum ${sum}`, `${name}_count ${total}`];
    };
    this.#families.push({ name, kind: 'histogram', help, lines });
    return {
      observe(value) {
        const found = bounds.findIndex((bound) => value <= bound);
        const index = found < 0 ? bounds.length : found;
        counts[index] = (counts[index] ?? 0) + 1;
        sum += value;
      },
    };
  }

  text(): string {
    return this.#families
      .map(({ name, kind, help, lines }) =>
        [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...lines(), ''].join('\n'),
      )
      .join('');
  }
}

function labelText(labels: Labels): string {
  const entries = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return entries.length === 0 ? '' : `{${entries.join(',')}}`;
}

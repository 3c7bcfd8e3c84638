import type { LogSink } from '../../portal/http/server-options.ts';
import type { OutputSink } from '../context.ts';
import { line } from '../render/safe-text.ts';

type Entry = { level: number; msg?: string; err?: { message?: string } };

const WARNING = 40;

/** The portal's log as text: warnings and errors only, one line each. */
export class PortalLog implements LogSink {
  readonly #sink: OutputSink;

  constructor(sink: OutputSink) {
    this.#sink = sink;
  }

  write(text: string): boolean {
    const { level, msg = '', err } = JSON.parse(text) as Entry;
    if (level < WARNING) return true;
    const why = err?.message === undefined ? '' : ` (${err.message.replaceAll(/\s*\n\s*/g, ' ')})`;
    this.#sink.write(`crashmon: ${line(`${msg}${why}`)}\n`);
    return true;
  }
}

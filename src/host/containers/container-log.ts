import type { LiveTail } from '../../agent/raw-run.ts';
import type { Container } from './container.ts';
import type { EngineApi } from './engine-api.ts';

const HEADER_BYTES = 8;
const STDERR = 2;

/**
 * Standard error of `GET /containers/ID/logs`: frames of 8 bytes (stream, three zeros, length) and text. With a terminal
 * there are no frames, and both streams are one.
 */
export function readContainerLog(bytes: Buffer, hasTerminal: boolean): Buffer {
  if (hasTerminal) return bytes;
  const pieces: Buffer[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const end = at + HEADER_BYTES + bytes.readUInt32BE(at + 4);
    if (bytes[at] === STDERR) pieces.push(bytes.subarray(at + HEADER_BYTES, end));
    at = end;
  }
  return Buffer.concat(pieces);
}

const WORDS_BYTES = 1024 * 1024;
const EVIDENCE_BYTES = 64 * 1024;
const LOG_LINES = 2_000;

/** What a run wrote to standard error, as far as the engine has it. */
export async function readLastWords(
  api: EngineApi,
  { id, hasTerminal }: Container,
  fromMs: number,
  untilMs: number,
): Promise<LiveTail | null> {
  const seconds = (ms: number) => (ms / 1_000).toFixed(3);
  // The engine has no end of its own for a run: the next one can have begun.
  const range = `since=${seconds(fromMs)}&until=${seconds(untilMs + 1)}&tail=${LOG_LINES}`;
  try {
    const bytes = await api.bytes(`/containers/${id}/logs?stderr=1&${range}`, 2 * WORDS_BYTES);
    const whole = readContainerLog(bytes, hasTerminal).subarray(-WORDS_BYTES);
    const offset = Math.max(0, whole.length - EVIDENCE_BYTES);
    if (whole.length === 0) return null;
    return {
      ...{ bytes: whole.subarray(offset), offset, writtenAtMs: untilMs },
      more: () => (offset === 0 ? null : { bytes: whole, offset: 0 }),
    };
  } catch {
    return null;
  }
}

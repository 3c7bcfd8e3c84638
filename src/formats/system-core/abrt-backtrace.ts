import { type HandlerFrame, MAX_FRAMES } from './core-frames.ts';

/**
 * The crashing thread of `core_backtrace`, a file in ABRT's directory of a problem: JSON, as abrt and satyr document and write it. [] for
 * anything else.
 */
export function parseCoreBacktrace(json: string): HandlerFrame[] {
  const threads = list(parse(json).stacktrace);
  const crashed = threads.map(fields).find(({ crash_thread: is }) => is === true);
  return list(crashed?.frames)
    .slice(0, MAX_FRAMES)
    .map(fields)
    .map((frame) => ({
      address: integer(frame.address) ?? 0n,
      symbol: text(frame.function_name),
      module: text(frame.file_name),
      moduleOffset: integer(frame.build_id_offset),
      buildId: /^[0-9a-f]{2,64}$/.test(text(frame.build_id) ?? '') ? text(frame.build_id) : null,
    }));
}

/** The number of the signal that ended the process; 0 if it is not there. */
export function signalOfBacktrace(json: string): number {
  return Number(integer(parse(json).signal) ?? 0n);
}

function parse(json: string): Record<string, unknown> {
  try {
    return fields(JSON.parse(json));
  } catch {
    return {};
  }
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value !== '??' ? value : null;
}

function integer(value: unknown): bigint | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? BigInt(value) : null;
}

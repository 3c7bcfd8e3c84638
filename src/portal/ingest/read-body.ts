import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';
import { Refusal } from './refusal.ts';

export type BodyBounds = {
  bodyBytes: number;
  decodedBytes: number;
  /** A body takes no longer; `hurried` where somebody else waits for its room. */
  bodyMs: { calm: number; hurried: number };
};

const inBackground = promisify(gunzip);
/** Less is decompressed faster than handed over. */
const SMALL_BYTES = 8 * 1024;
const LOOK_EVERY_MS = 500;

/**
 * The body of a request, decompressed. It is never larger than the bounds, whatever its headers promise.
 *
 * @param isWaitedFor does anybody wait for the room that this body takes?
 * @throws Refusal 400, 408, 413 or 415
 */
export async function readBody(
  request: IncomingMessage,
  encoding: string | undefined,
  bounds: BodyBounds,
  isWaitedFor: () => boolean,
): Promise<Buffer> {
  const isGzip = encoding === 'gzip';
  if (!isGzip && encoding !== undefined && encoding !== 'identity') {
    throw new Refusal(415, 'Content-Encoding can be gzip or identity.');
  }
  const body = await collected(request, bounds, isWaitedFor);
  return isGzip ? await decompressed(body, bounds.decodedBytes) : body;
}

export function tooLarge(): Refusal {
  return new Refusal(413, 'The request is too large. Send fewer records at once.');
}

/** By events: leaving a loop over the request early would end the connection before its answer. */
function collected(
  request: IncomingMessage,
  { bodyBytes, bodyMs }: BodyBounds,
  isWaitedFor: () => boolean,
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  const startedMs = performance.now();
  const look = setInterval(() => {
    const tookMs = performance.now() - startedMs;
    if (tookMs > (isWaitedFor() ? bodyMs.hurried : bodyMs.calm)) {
      settle(() => reject(new Refusal(408, 'The request came too slowly. Send it again.')));
    }
  }, LOOK_EVERY_MS);
  const settle = (how: () => void) => {
    clearInterval(look);
    request.off('data', onData).off('end', onEnd).off('close', onClose);
    // What still comes is let through to nowhere, so that the answer can be read.
    request.resume();
    how();
  };
  const onData = (chunk: Buffer) => {
    size += chunk.length;
    if (size > bodyBytes) settle(() => reject(tooLarge()));
    else chunks.push(chunk);
  };
  const onEnd = () =>
    settle(() =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size)),
    );
  const onClose = () => settle(() => reject(new Refusal(400, 'The request ended before it was complete.')));
  request.on('error', () => {});
  if (request.destroyed) onClose();
  else request.on('data', onData).once('end', onEnd).once('close', onClose);
  return promise;
}

async function decompressed(body: Buffer, limit: number): Promise<Buffer> {
  const options = { maxOutputLength: limit };
  try {
    return body.length <= SMALL_BYTES ? gunzipSync(body, options) : await inBackground(body, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new Refusal(400, 'The body is not what Content-Encoding says: gzip cannot read it.');
  }
}

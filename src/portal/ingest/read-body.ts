import type { IncomingMessage } from 'node:http';
import { createGunzip, gunzipSync } from 'node:zlib';
import type { Lease } from './admission.ts';
import { Refusal } from './refusal.ts';

export type BodyBounds = {
  bodyBytes: number;
  decodedBytes: number;
  /** Time for a body to arrive; `hurried` while another request waits for its room. */
  bodyMs: { calm: number; hurried: number };
};

type BodyLease = Pick<Lease, 'take' | 'evictable' | 'isWaitedFor'>;

/** Smaller bodies are decompressed at once, which is faster. */
const SMALL = { bytes: 8 * 1024, decodedBytes: 128 * 1024 };
const SLICE_BYTES = 64 * 1024;
const CHECK_EVERY_MS = 500;

/**
 * Reads and decompresses the body of a request. It never exceeds the limits, whatever its headers say, and takes room as
 * its bytes arrive and are decompressed.
 *
 * @throws Refusal 400, 408, 413, 415 or 503
 */
export async function readBody(
  request: IncomingMessage,
  encoding: string | undefined,
  bounds: BodyBounds,
  lease: BodyLease,
): Promise<Buffer> {
  const isGzip = encoding === 'gzip';
  if (!isGzip && encoding !== undefined && encoding !== 'identity') {
    throw new Refusal(415, 'Content-Encoding must be gzip or identity.');
  }
  try {
    const body = await collected(request, bounds, lease);
    return isGzip ? await decompressed(body, bounds.decodedBytes, lease) : body;
  } finally {
    lease.evictable(null);
  }
}

export function tooLarge(): Refusal {
  return new Refusal(413, 'The request is too large. Send fewer records at once.');
}

/** With events: leaving a `for await` loop early would close the connection before the response. */
function collected(
  request: IncomingMessage,
  { bodyBytes, bodyMs }: BodyBounds,
  lease: BodyLease,
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  const startedMs = performance.now();
  const check = setInterval(() => {
    const tookMs = performance.now() - startedMs;
    if (tookMs > (lease.isWaitedFor() ? bodyMs.hurried : bodyMs.calm)) {
      settle(() => reject(new Refusal(408, 'The request arrived too slowly. Send it again.')));
    }
  }, CHECK_EVERY_MS);
  const settle = (how: () => void) => {
    clearInterval(check);
    request.off('data', onData).off('end', onEnd).off('close', onClose);
    // The rest is read and discarded, so that the sender can read the response.
    request.resume();
    chunks.length = 0;
    how();
  };
  const onData = (chunk: Buffer) => {
    size += chunk.length;
    if (size > bodyBytes) return settle(() => reject(tooLarge()));
    try {
      lease.take(chunk.length);
      chunks.push(chunk);
    } catch (error) {
      settle(() => reject(error));
    }
  };
  const onEnd = () => {
    const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
    settle(() => resolve(body));
  };
  const onClose = () => settle(() => reject(new Refusal(400, 'The request ended before it was complete.')));
  lease.evictable((refusal) => settle(() => reject(refusal)));
  request.on('error', () => {});
  if (request.destroyed) onClose();
  else request.on('data', onData).once('end', onEnd).once('close', onClose);
  return promise;
}

async function decompressed(body: Buffer, limit: number, lease: BodyLease): Promise<Buffer> {
  if (body.length <= SMALL.bytes) {
    try {
      const small = gunzipSync(body, { maxOutputLength: Math.min(limit, SMALL.decodedBytes) });
      lease.take(small.length);
      return small;
    } catch (error) {
      if (error instanceof Refusal) throw error;
      if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw noGzip();
    }
  }
  return inSlices(body, limit, lease);
}

/** In the thread pool, as far as there is room. */
function inSlices(body: Buffer, limit: number, lease: BodyLease): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const gunzip = createGunzip({ chunkSize: SLICE_BYTES });
  const chunks: Buffer[] = [];
  let size = 0;
  const refuse = (error: unknown) => {
    gunzip.destroy();
    reject(error);
  };
  lease.evictable(refuse);
  gunzip.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) return refuse(tooLarge());
    try {
      lease.take(chunk.length);
      chunks.push(chunk);
    } catch (error) {
      refuse(error);
    }
  });
  gunzip.once('end', () => resolve(Buffer.concat(chunks, size)));
  gunzip.on('error', () => reject(noGzip()));
  gunzip.end(body);
  return promise;
}

function noGzip(): Refusal {
  return new Refusal(400, 'The body does not match Content-Encoding: it is not valid gzip.');
}

import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';
import { Refusal } from './refusal.ts';

export type BodyBounds = { bodyBytes: number; decodedBytes: number };

const inBackground = promisify(gunzip);
/** Less is decompressed faster than handed over. */
const SMALL_BYTES = 8 * 1024;

/**
 * The body of a request, decompressed. It is never larger than the bounds, whatever its headers promise.
 *
 * @throws Refusal 400, 413 or 415
 */
export async function readBody(
  request: IncomingMessage,
  encoding: string | undefined,
  bounds: BodyBounds,
): Promise<Buffer> {
  const isGzip = encoding === 'gzip';
  if (!isGzip && encoding !== undefined && encoding !== 'identity') {
    throw new Refusal(415, 'Content-Encoding can be gzip or identity.');
  }
  const body = await collected(request, bounds.bodyBytes);
  return isGzip ? await decompressed(body, bounds.decodedBytes) : body;
}

export function tooLarge(): Refusal {
  return new Refusal(413, 'The request is too large. Send fewer records at once.');
}

async function collected(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(400, 'The request ended before it was complete.');
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
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

import { gunzipSync } from 'node:zlib';

/** The bodies of the requests of a connection, unpacked; each has to say how long it is. */
export function requestBodies(connection: Buffer): string[] {
  const bodies: string[] = [];
  for (let at = 0; at < connection.length; ) {
    const end = connection.indexOf('\r\n\r\n', at);
    if (end === -1) throw new Error('a request without an end of its head');
    const head = connection.toString('latin1', at, end);
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1]);
    const body = connection.subarray(end + 4, end + 4 + length);
    if (body.length !== length) throw new Error(`a request that was cut: ${head}`);
    bodies.push((/^content-encoding: gzip$/im.test(head) ? gunzipSync(body) : body).toString());
    at = end + 4 + length;
  }
  return bodies;
}

import { Readable } from 'node:stream';
import { z } from 'zod';
import { formatByteSize } from '../../formats/byte-size.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { audit } from '../access/http/audit.ts';
import { requireAdmin } from '../access/http/guards.ts';
import type { PortalServer } from '../http/portal-server.ts';
import { appOf, readFields } from '../http/read-fields.ts';
import type { PortalParts } from '../portal-parts.ts';
import type { AuditStore } from '../store/access/access-store.ts';
import type { CopyStore, DumpKey } from '../store/copies/copy-store.ts';
import type { ReadStore } from '../store/portal-store.ts';

const form = z.object({ instance: z.string().min(1).max(300), crashUid: z.string().regex(/^[0-9a-f]{24}$/) });

/** Downloads of encrypted dumps, for admins. A form and no link: each is written down. */
export function registerDumps(
  server: PortalServer,
  parts: PortalParts<ReadStore & CopyStore & AuditStore>,
): void {
  const { store, now } = parts;
  server.post(
    '/apps/:app/dumps',
    { preHandler: requireAdmin(appOf), compress: false },
    async (request, reply) => {
      const key = { app: appOf(request), ...readFields(form, request.body) };
      const dump = await store.dumpOf(key.app, key.instance, key.crashUid);
      const first = dump?.hasCopy === true ? await store.readPiece(key, 0, now()) : null;
      if (dump === null || first === null)
        throw new CrashmonError('BAD_REQUEST', 'This dump is not here, or its time is over.');
      const detail = `${key.instance} ${dump.id.slice(0, 8)}, ${formatByteSize(dump.sizeBytes)}`;
      await audit(request, parts, 'dump-downloaded', key.app, detail);
      return reply
        .header('content-type', 'application/octet-stream')
        .header('content-length', dump.sizeBytes)
        .header('content-disposition', `attachment; filename="${dump.id}.core.zst.age"`)
        .header('cache-control', 'no-store')
        .send(Readable.from(pieces(parts, key, { first, sizeBytes: dump.sizeBytes }), { objectMode: false }));
    },
  );
}

/** Read as they are sent: no more than a part is in memory. */
async function* pieces(
  { store, now }: PortalParts<CopyStore>,
  key: DumpKey,
  { first, sizeBytes }: { first: Uint8Array; sizeBytes: number },
): AsyncGenerator<Uint8Array> {
  yield first;
  for (let position = first.length; position < sizeBytes; ) {
    const piece = await store.readPiece(key, position, now());
    // The connection is closed before its length is reached, so that what has arrived does not look whole.
    if (piece === null) throw new Error('the dump was deleted while it was downloaded');
    yield piece;
    position += piece.length;
  }
}

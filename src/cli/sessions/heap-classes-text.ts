import { formatByteSize } from '../../formats/byte-size.ts';
import { grouped } from '../../formats/quantity-words.ts';
import { type HeapClasses, HeapSnapshotReader, NotASnapshot } from '../../formats/v8/heap-snapshot.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { alignColumns, clip } from '../render/layout.ts';
import { line } from '../render/safe-text.ts';

/** What holds most memory in a heap snapshot. @throws CrashmonError DUMP_UNREADABLE */
export async function heapClasses(pieces: AsyncIterable<Uint8Array>): Promise<HeapClasses> {
  const reader = new HeapSnapshotReader();
  try {
    for await (const piece of pieces) reader.add(piece);
    return reader.end();
  } catch (error) {
    if (!(error instanceof NotASnapshot)) throw error;
    throw new CrashmonError(
      'DUMP_UNREADABLE',
      'The heap snapshot is damaged, or has more than 20 million objects. "session get" copies it for Chrome DevTools.',
    );
  }
}

export function heapClassesText({ objects, bytes, classes }: HeapClasses): string {
  const rows = classes.map(({ name, count, heldBytes }) => [
    formatByteSize(heldBytes),
    `${Math.round((heldBytes / Math.max(1, bytes)) * 100)} %`,
    grouped(count),
    clip(line(name), 60),
  ]);
  const table = alignColumns([['HELD', 'OF ALL', 'OBJECTS', 'CONSTRUCTOR'], ...rows]);
  return `Heap snapshot: ${formatByteSize(bytes)} in ${grouped(objects)} objects. By constructor, with the strings, arrays, maps and plain objects that its objects hold:\n${table.map((each) => `  ${each}\n`).join('')}`;
}

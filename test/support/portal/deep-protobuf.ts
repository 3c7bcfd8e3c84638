/** An OTLP request whose record's body holds lists within lists, made without recursion: each length stands before what it holds. */
export function deepProtobuf(depth: number): Buffer {
  const parts: Buffer[] = [];
  let size = 0;
  const wrap = (tag: number) => {
    const head = Buffer.from([tag, ...varint(size)]);
    parts.push(head);
    size += head.length;
  };
  for (let level = 0; level < depth; level++) {
    // ArrayValue.values, AnyValue.arrayValue
    wrap(0x0a);
    wrap(0x2a);
  }
  // LogRecord.body, ScopeLogs.logRecords, ResourceLogs.scopeLogs, ExportLogsServiceRequest.resourceLogs
  for (const tag of [0x2a, 0x12, 0x12, 0x0a]) wrap(tag);
  return Buffer.concat(parts.toReversed());
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))];
}

import type { NativeRecord } from '../../model/native-record.ts';

/** A native record as JSON text; addresses as `0x` and hexadecimal digits, which JSON's numbers could not hold. */
export function formatNativeRecord(record: NativeRecord): string {
  return JSON.stringify(record, (_key, value: unknown) =>
    typeof value === 'bigint' ? `0x${value.toString(16)}` : value,
  );
}

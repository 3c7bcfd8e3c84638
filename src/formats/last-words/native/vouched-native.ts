import type { PrintedCall, VouchedCall, Vouchers } from '../../../model/last-words.ts';

/** Compares calls of C and C++ with their sources: the function's own name has to be in the file. */
export function vouchedNative(
  calls: readonly PrintedCall[],
  { readSource }: Vouchers,
): { calls: VouchedCall[]; refuted: number } {
  const sources = new Map<string, { text: string; lines: number } | null>();
  const sourceOf = (file: string) => {
    const known = sources.get(file);
    if (known !== undefined) return known;
    const text = readSource(file);
    const source = text === null ? null : { text, lines: text.split('\n').length };
    sources.set(file, source);
    return source;
  };
  const kept = calls.flatMap((call): VouchedCall[] => {
    const source = call.file === null ? null : sourceOf(call.file);
    if (source === null) return [{ ...call, vouched: null }];
    const name = call.function === null ? '' : ownName(call.function);
    return (call.line ?? 1) <= source.lines && source.text.includes(name) ? [{ ...call, vouched: true }] : [];
  });
  return { calls: kept, refuted: calls.length - kept.length };
}

/** `total` of `shop::Cart::total() const`, `f` of `std::vector<int> f<int>(int*)`. */
function ownName(name: string): string {
  const end = name.search(/[(<]/);
  return /[\w~]+$/.exec(end < 0 ? name : name.slice(0, end))?.[0] ?? '';
}

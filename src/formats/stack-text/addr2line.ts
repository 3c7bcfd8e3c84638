import { linesOf, parsePlace } from './stack-text.ts';

/** A function whose code is at an address; of inlined ones there are several. */
export type CodeName = { symbol: string | null; file: string | null; line: number | null };

/**
 * What `addr2line -a -f -i` (binutils) printed: for each address the functions there, innermost first. Every name may be
 * any text; what cannot be read is left out. Never throws.
 */
export function parseAddr2line(text: string): Map<bigint, CodeName[]> {
  const found = new Map<bigint, CodeName[]>();
  let names: CodeName[] | null = null;
  let symbol: string | null = null;
  for (const line of linesOf(text)) {
    if (/^0x[0-9a-f]{16}$/.test(line)) {
      if (found.size >= MAX_ADDRESSES) break;
      names = [];
      symbol = null;
      found.set(BigInt(line), names);
    } else if (names !== null && symbol === null) symbol = line;
    else if (names !== null && symbol !== null) {
      if (names.length < MAX_INLINED) names.push(codeName(symbol, line));
      symbol = null;
    }
  }
  return found;
}

const MAX_ADDRESSES = 4096;
const MAX_INLINED = 64;

function codeName(symbol: string, printed: string): CodeName {
  const { file, line } = parsePlace(printed.replace(/ \(discriminator \d{1,9}\)$/, '').replace(/:\?$/, ''));
  const isKnown = file !== '' && !file.startsWith('??');
  return {
    symbol: symbol === '??' ? null : symbol,
    file: isKnown ? file : null,
    line: isKnown ? line : null,
  };
}

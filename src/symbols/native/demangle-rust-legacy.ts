/**
 * Rust's older names are C++ names with a hash as their last part and escapes in the others. Takes them mangled
 * (`_ZN4shop4main17h0123456789abcdefE`) or as a C++ demangler leaves them (`shop::main::h0123456789abcdef`); null for
 * any other name.
 */
export function demangleRustLegacy(symbol: string): string | null {
  if (symbol.length > MAX_LENGTH) return null;
  const name = symbol.startsWith('_ZN') ? joinParts(symbol) : symbol;
  const path = name === null ? undefined : HASHED.exec(name)?.[1];
  return path === undefined ? null : path.split('::').map(unescaped).join('::');
}

const MAX_LENGTH = 16 * 1024;
/** LLVM puts `.llvm.<number>` behind what it makes local. */
const HASHED = /^(.+)::h[0-9a-f]{16}(?:\.[\w.]{1,60})?$/s;

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ SP: '@', BP: '*', RF: '&', LT: '<', GT: '>', LP: '(', RP: ')', C: ',' },
};

function joinParts(symbol: string): string | null {
  const parts: string[] = [];
  let at = 3;
  while (symbol[at] !== 'E') {
    const digits = /^\d{1,4}/.exec(symbol.slice(at, at + 4))?.[0];
    if (digits === undefined || at + Number(digits) > symbol.length) return null;
    at += digits.length + Number(digits);
    parts.push(symbol.slice(at - Number(digits), at));
  }
  return parts.join('::') + symbol.slice(at + 1);
}

/** `_$LT$shop..Cart$u20$as$u20$core..Drop$GT$` → `<shop::Cart as core::Drop>`. */
function unescaped(part: string): string {
  return part
    .replace(/^_(?=\$)/, '')
    .replace(/\$(?:u([0-9a-f]{1,6})|([A-Z]{1,2}))\$/g, (sequence, code?: string, name?: string) => {
      if (name !== undefined) return ESCAPES[name] ?? sequence;
      const point = Number.parseInt(code ?? '', 16);
      return point >= 0x20 &&
        point <= 0x10ffff &&
        !(point >= 0x7f && point < 0xa0) &&
        !(point >= 0xd800 && point < 0xe000)
        ? String.fromCodePoint(point)
        : sequence;
    })
    .replaceAll('..', '::');
}

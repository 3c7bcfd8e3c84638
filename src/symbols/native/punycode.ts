/** Decodes Punycode (RFC 3492) without the `xn--`; null where it is none. Node's own module for it is deprecated. */
export function decodePunycode(text: string): string | null {
  const delimiter = text.lastIndexOf('-');
  const points = Array.from(delimiter < 0 ? '' : text.slice(0, delimiter), (character) =>
    character.charCodeAt(0),
  );
  if (text.length > MAX_LENGTH || points.some((point) => point >= 128)) return null;
  let [point, bias, index, at] = [128, 72, 0, delimiter + 1];
  while (at < text.length) {
    const before = index;
    for (let weight = 1, k = BASE; ; k += BASE) {
      const digit = at < text.length ? digitOf(text.charCodeAt(at++)) : -1;
      if (digit < 0) return null;
      index += digit * weight;
      const threshold = Math.min(Math.max(k - bias, T_MIN), T_MAX);
      if (index > MAX_INDEX) return null;
      if (digit < threshold) break;
      weight *= BASE - threshold;
      if (weight > MAX_INDEX) return null;
    }
    const length = points.length + 1;
    bias = adapt(index - before, length, before === 0);
    point += Math.floor(index / length);
    index %= length;
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return null;
    points.splice(index++, 0, point);
  }
  return String.fromCodePoint(...points);
}

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const MAX_LENGTH = 500;
const MAX_INDEX = 0x7fffffff;

function adapt(delta: number, length: number, isFirst: boolean): number {
  let rest = Math.floor(delta / (isFirst ? 700 : 2));
  rest += Math.floor(rest / length);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return k + Math.floor((BASE * rest) / (rest + 38));
}

function digitOf(code: number): number {
  if (code >= 97 && code <= 122) return code - 97;
  if (code >= 65 && code <= 90) return code - 65;
  return code >= 48 && code <= 57 ? code - 48 + 26 : -1;
}

import { type TraceMap, traceSegment } from '@jridgewell/trace-mapping';
import type { GeneratedText } from './generated-text.ts';

/** 1-based line and column in the generated file. */
type Position = { line: number; column: number };

/**
 * A function's name before minification. V8 has the generated name (`t`, `new e`, `o.save`), and the map has names for
 * tokens only. So this finds the token: the nearest declaration before the frame's position, else the caller's token at
 * the call if its name is the same (`i(t)` can call a function named `t`). Otherwise the generated name stays.
 */
export function originalName(
  name: string,
  text: GeneratedText,
  map: TraceMap,
  position: Position,
  call: Position | null,
): string {
  let looked = 0;
  return name.replace(IDENTIFIERS, (identifier) => {
    if (KEPT.has(identifier) || ++looked > MAX_IDENTIFIERS) return identifier;
    const member = DOTTED.exec(name);
    // V8 also names a function after what it is assigned to: `exports.load = () => {}`.
    const declaration =
      (member?.[1] === identifier ? text.declarationBefore(identifier, position, member[2]) : null) ??
      text.declarationBefore(identifier, position);
    const found = declaration === null ? null : nameAt(map, declaration);
    if (found !== null) return found;
    const token = call === null || identifier !== name.replace(PREFIX, '') ? null : text.tokenAt(call);
    return (token?.text === identifier ? nameAt(map, token) : null) ?? identifier;
  });
}

/** `new Type`, `Type.method` and `Type.method [as alias]` have at most this many; a hostile name can have more. */
const MAX_IDENTIFIERS = 4;
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const IDENTIFIERS = /[\p{ID_Start}$_][\p{ID_Continue}$]*/gu;
const DOTTED = /^([\p{ID_Start}$_][\p{ID_Continue}$]*)\.([\p{ID_Start}$_][\p{ID_Continue}$]*)$/u;
const PREFIX = /^(?:async |new )+/;
/** V8's own words in a function's name. */
const KEPT = new Set([
  'async',
  'new',
  'as',
  'get',
  'set',
  'anonymous',
  'Object',
  'Promise',
  'Function',
  'Array',
]);

/** Name of the mapping that starts exactly at the position. */
function nameAt(map: TraceMap, position: Position): string | null {
  const segment = traceSegment(map, position.line - 1, position.column - 1);
  if (segment === null || segment[0] !== position.column - 1 || segment.length !== 5) return null;
  const name = map.names[segment[4]];
  return typeof name === 'string' && name.length <= 200 && IDENTIFIER.test(name) ? name : null;
}

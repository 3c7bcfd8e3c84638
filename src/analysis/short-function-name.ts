/**
 * A demangled name as in stacks: without parameters, return type and compiler suffixes, long template arguments folded. The
 * same for all tools, so that equal crashes have equal names.
 *
 *     void app::run<int>(std::vector<int> const&) const [clone .cold]  →  app::run<int>
 */
export function shortFunctionName(name: string): string {
  const bare = withoutReturnType(withoutParameters(name.slice(0, MAX_INPUT)));
  for (const depth of [3, 2, 1]) {
    if (bare.length <= MAX_LENGTH) break;
    const folded = foldArguments(bare, depth);
    if (folded.length <= MAX_LENGTH || depth === 1) return folded.slice(0, MAX_INPUT);
  }
  return bare;
}

const MAX_INPUT = 16 * 1024;
const MAX_LENGTH = 160;
const REMARKS = /(?: \[clone [\w.]{1,60}\]|@@?[\w.]{1,40}|\[abi:\w{1,20}\]| const| volatile|(?<=\)) &&?)$/;
/** Brackets of operators do not count. */
const OPERATOR = /operator(?:\(\)|<=>|<<=?|<=?|->\*?|>>=?|>=?)/y;

function withoutParameters(name: string): string {
  let bare = name;
  for (let n = 0; n < 5 && REMARKS.test(bare); n++) bare = bare.replace(REMARKS, '');
  if (!bare.endsWith(')')) return bare;
  let depth = 0;
  for (let at = bare.length - 1; at >= 0; at--) {
    const character = bare[at];
    if (character === ')') depth++;
    else if (character === '(' && --depth === 0) {
      const head = bare.slice(0, at);
      // `operator()` and `(anonymous namespace)` are not parameters.
      const isName = head === '' || head.endsWith('::') || head.endsWith('operator');
      return isName ? bare : head.replace(/\[abi:\w{1,20}\]$/, '');
    }
  }
  return bare;
}

/** In C++, templates have their return type before the name; conversion operators contain a blank. */
function withoutReturnType(name: string): string {
  if (name.startsWith('<')) return name;
  const special =
    /(?:^|::)operator[ "]|^(?:non-virtual|virtual|covariant return) thunk to |^[\w ]{3,30} for /.exec(name);
  const end = special === null ? name.length : special.index;
  let start = 0;
  for (const { at, depth, character } of levels(name)) {
    if (at >= end) break;
    if (depth === 0 && character === ' ' && name[at + 1] !== '<') start = at + 1;
  }
  return special?.index === 0 ? name : name.slice(start);
}

/** Template arguments from this depth on become `<…>`. */
function foldArguments(name: string, from: number): string {
  let folded = '';
  for (const { depth, character } of levels(name)) {
    if (depth < from) folded += character;
    else if (depth === from && character === '<') folded += '<…>';
  }
  return folded;
}

/** Every character with its bracket depth; brackets belong to the inside. */
function* levels(name: string): Generator<{ at: number; depth: number; character: string }> {
  let depth = 0;
  for (let at = 0; at < name.length; ) {
    OPERATOR.lastIndex = at;
    const operator = name[at] === 'o' ? OPERATOR.exec(name)?.[0] : undefined;
    const character = operator ?? (name[at] as string);
    const isArrow = character === '>' && name[at - 1] === '-';
    const closes = !isArrow && CLOSING.has(character);
    if (OPENING.has(character)) depth++;
    yield { at, depth, character };
    if (closes) depth = Math.max(0, depth - 1);
    at += character.length;
  }
}

const OPENING: ReadonlySet<string> = new Set(['<', '(', '[', '{']);
const CLOSING: ReadonlySet<string> = new Set(['>', ')', ']', '}']);

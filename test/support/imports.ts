export type Import = {
  readonly specifier: string;
  /** Erased before anything runs: `import type`, or `import('…')` in a type counts as code. */
  readonly typeOnly: boolean;
};

// Biome puts every import and export statement at the start of a line, which is what makes these good enough.
const FROM = /^(?:import|export)\s+(type\s)?(?:[^'"`;]*?\s)?from\s*(['"])([^'"\n]+)\2/gm;
const SIDE_EFFECT = /^import\s*(['"])([^'"\n]+)\1/gm;
const CALL = /\b(?:import|require|require\.resolve)\(\s*(['"`])([^'"`\n]+)\1\s*[,)]/g;
const COMPUTED = /(?<!\.)\b(?:import|require)\((?!\s*(['"`])[^'"`\n$]+\1\s*[,)])/g;

/** Everything a file imports, types included, in the order of the kinds of statement. */
export function importsOf(source: string): Import[] {
  const code = withoutComments(source);
  return [
    ...Array.from(code.matchAll(FROM), (match) => ({
      specifier: match[3] ?? '',
      typeOnly: match[1] !== undefined || onlyInlineTypes(match[0]),
    })),
    ...Array.from(code.matchAll(SIDE_EFFECT), (match) => ({ specifier: match[2] ?? '', typeOnly: false })),
    ...Array.from(code.matchAll(CALL), (match) => ({ specifier: match[2] ?? '', typeOnly: false })),
  ];
}

/** How many imports do not name their file in the text. */
export function countComputedImports(source: string): number {
  return withoutComments(source).match(COMPUTED)?.length ?? 0;
}

/**
 * Blanks comments out and leaves strings alone. Regular expression literals are distinguished from division by what stands
 * before them; one that holds a quote after anything else would be misread.
 */
export function withoutComments(source: string): string {
  const token =
    /(['"])(?:\\.|(?!\1)[^\\\n])*\1|`(?:\\.|[^\\`])*`|(?<=[=(,:[!&|?{};>]\s*|\breturn\s+|^\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/|\/\*[\s\S]*?\*\/|\/\/[^\n]*/gm;
  return source.replace(token, (text) => (/^\/[/*]/.test(text) ? text.replace(/[^\n]/g, ' ') : text));
}

function onlyInlineTypes(statement: string): boolean {
  const names = /^import\s*\{([^}]*)\}/.exec(statement)?.[1];
  if (names === undefined) return false;
  const parts = names.split(',').filter((part) => part.trim() !== '');
  return parts.length > 0 && parts.every((part) => /^\s*type\s/.test(part));
}

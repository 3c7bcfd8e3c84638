import { runTool, type ToolLimits } from './run-tool.ts';

/** The Itanium C++ ABI, Rust's own scheme (v0), and D's are what c++filt reads; only the first two are asked for. */
const MANGLED = /^_[RZ][\w$.]+$/;
/** Longer ones stay as they are. */
const MAX_SYMBOL = 4096;
/** Well below what the kernel takes as arguments. */
const MAX_ARGUMENTS = 96 * 1024;

/**
 * Names of functions as the source spells them, by their mangled symbols, from one run of `c++filt` (Debian package
 * binutils). A symbol that it cannot read is missing from the answer, and all are where c++filt is.
 */
export async function demangle(
  symbols: Iterable<string | null>,
  limits: ToolLimits,
): Promise<ReadonlyMap<string, string>> {
  const mangled = [...new Set(symbols)].filter((symbol) => symbol !== null && MANGLED.test(symbol));
  return await ask(['-i'], mangled as string[], limits);
}

/** The same for a type as its `type_info` spells it (`N3app7MyErrorE`); null where it cannot be read. */
export async function demangleType(mangled: string, limits: ToolLimits): Promise<string | null> {
  if (!/^[\w$.]+$/.test(mangled)) return null;
  return (await ask(['-i', '-t'], [mangled], limits)).get(mangled) ?? null;
}

async function ask(
  options: readonly string[],
  mangled: readonly string[],
  limits: ToolLimits,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  const asked: string[] = [];
  let length = 0;
  for (const symbol of mangled) {
    length += symbol.length + 1;
    if (symbol.length <= MAX_SYMBOL && length <= MAX_ARGUMENTS) asked.push(symbol);
  }
  if (asked.length === 0) return names;
  const { stdout } = await runTool('c++filt', [...options, '--', ...asked], limits);
  const lines = stdout.split('\n');
  for (const [index, symbol] of asked.entries()) {
    const name = lines[index] ?? '';
    if (name !== '' && name !== symbol) names.set(symbol, name);
  }
  return names;
}

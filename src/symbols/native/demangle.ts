import { runTool, type ToolLimits } from './run-tool.ts';

/** Itanium C++ ABI and Rust v0, which c++filt reads. */
const MANGLED = /^_[RZ][\w$.]+$/;
/** Longer ones stay mangled. */
const MAX_SYMBOL = 4096;
/** Well below the kernel's limit for arguments. */
const MAX_ARGUMENTS = 96 * 1024;

/**
 * Demangled names by symbol, from one run of `c++filt` (Debian package binutils). Symbols that it cannot read are missing,
 * and all are if it is not installed.
 */
export async function demangle(
  symbols: Iterable<string | null>,
  limits: ToolLimits,
): Promise<ReadonlyMap<string, string>> {
  const mangled = [...new Set(symbols)].filter((symbol) => symbol !== null && MANGLED.test(symbol));
  return await ask(['-i'], mangled as string[], limits);
}

/** The same for a type as in its `type_info` (`N3app7MyErrorE`); null if it cannot be read. */
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

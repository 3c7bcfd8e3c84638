import { demangleRustLegacy } from './demangle-rust-legacy.ts';
import { demangleRustV0 } from './demangle-rust-v0.ts';

/**
 * The name of a function for people, from what a tool printed: Rust symbols are demangled (elfutils knows C++ only and
 * leaves hashes in Rust's older names), everything else stays as it is. Null for what carries no name.
 */
export function demangle(symbol: string): string | null {
  if (symbol === '' || symbol === '??') return null;
  return demangleRustV0(symbol) ?? demangleRustLegacy(symbol) ?? symbol;
}

import { dirname, join, relative } from 'node:path';
import { readTrustedFile, type Trusted } from './trusted-file.ts';

const MAX_BYTES = 1024 * 1024;
const MAX_PATTERNS = 100;

/**
 * Root of the workspace (pnpm, npm, Yarn, Lerna) of a package: the nearest directory above that lists it as a member. null
 * if none does, since any other directory could be unrelated, e.g. a home directory.
 */
export function workspaceRoot(packageRoot: string, trusted: Trusted): string | null {
  // An installed package is not a member.
  if (packageRoot.includes('/node_modules/')) return null;
  for (let root = dirname(packageRoot); root !== dirname(root); root = dirname(root)) {
    const place = relative(root, packageRoot);
    if (isMember(place, pnpmMembers(root, trusted)) || isMember(place, jsonMembers(root, trusted)))
      return root;
  }
  return null;
}

/** `packages:` of pnpm-workspace.yaml; only lists of plain or quoted words. */
function pnpmMembers(root: string, trusted: Trusted): string[] {
  const lines = (read(join(root, 'pnpm-workspace.yaml'), trusted) ?? '').split('\n');
  const start = lines.findIndex((line) => /^packages:\s*(?:#.*)?$/.test(line));
  const members: string[] = [];
  if (start < 0) return members;
  for (const line of lines.slice(start + 1)) {
    if (/^\s*(?:#.*)?$/.test(line)) continue;
    const member = /^\s*-\s+(?:'([^']*)'|"([^"\\]*)"|([^\s'"#][^\s#]*))\s*(?:#.*)?$/.exec(line);
    if (member === null) break;
    members.push(member[1] ?? member[2] ?? member[3] ?? '');
  }
  return members;
}

/** `workspaces` of package.json in both forms, and `packages` of lerna.json. */
function jsonMembers(root: string, trusted: Trusted): string[] {
  const { workspaces } = parse(read(join(root, 'package.json'), trusted));
  const nested = typeof workspaces === 'object' && workspaces !== null && 'packages' in workspaces;
  const { packages } = parse(read(join(root, 'lerna.json'), trusted));
  return [...strings(nested ? workspaces.packages : workspaces), ...strings(packages)];
}

/** Later patterns override earlier ones. */
function isMember(place: string, patterns: readonly string[]): boolean {
  let isNamed = false;
  for (const pattern of patterns.slice(0, MAX_PATTERNS)) {
    const excludes = pattern.startsWith('!');
    if (globMatches(excludes ? pattern.slice(1) : pattern, place)) isNamed = !excludes;
  }
  return isNamed;
}

/** `*` matches within a name, `**` any number of directories. Part by part, so that time is bounded. */
function globMatches(pattern: string, place: string): boolean {
  const parts = pattern
    .replace(/^\.?\//, '')
    .replace(/\/$/, '')
    .split('/');
  return pattern.length <= 300 && parts.length <= 10 && matchesFrom(parts, place.split('/').slice(0, 20));
}

function matchesFrom([part, ...parts]: readonly string[], names: readonly string[]): boolean {
  if (part === undefined) return names.length === 0;
  if (part === '**') {
    if (parts[0] === '**') return matchesFrom(parts, names);
    return names.some((_, from) => matchesFrom(parts, names.slice(from))) || parts.length === 0;
  }
  const [name, ...rest] = names;
  return name !== undefined && matchesName(part, name) && matchesFrom(parts, rest);
}

function matchesName(part: string, name: string): boolean {
  const [first = '', ...pieces] = part.split('*');
  const last = pieces.pop();
  if (last === undefined) return part === name;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const piece of pieces) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function parse(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function read(path: string, trusted: Trusted): string | null {
  try {
    return readTrustedFile(path, MAX_BYTES, trusted);
  } catch {
    return null;
  }
}

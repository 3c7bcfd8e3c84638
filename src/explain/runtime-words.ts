import type { Runtime, RuntimeVersion } from '../model/runtime.ts';

export const RUNTIME_NAMES: Readonly<Record<Runtime, string>> = {
  node: 'Node.js',
  bun: 'Bun',
  deno: 'Deno',
  python: 'Python',
  ruby: 'Ruby',
  perl: 'Perl',
  php: 'PHP',
  java: 'Java',
  dotnet: '.NET',
  go: 'Go',
  rust: 'Rust',
  erlang: 'Erlang',
  native: 'native program',
};

/** `Python 3.11.2`, `Node.js v24.1.0` */
export function runtimeWords({ name, version }: RuntimeVersion): string {
  const text = name === 'node' && version !== null ? `v${version}` : version;
  return [RUNTIME_NAMES[name], text].filter((part) => part !== null).join(' ');
}

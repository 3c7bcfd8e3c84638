/** Runtime of a process, detected by its executable while it ran; `native` is any other program. */
export const RUNTIMES = [
  'node',
  'bun',
  'deno',
  'python',
  'ruby',
  'perl',
  'php',
  'java',
  'dotnet',
  'go',
  'rust',
  'erlang',
  'native',
] as const;
export type Runtime = (typeof RUNTIMES)[number];

/** Source maps apply to its stacks. */
export function isJavaScript(runtime: Runtime): boolean {
  return runtime === 'node' || runtime === 'bun' || runtime === 'deno';
}

/** The runtime of a crashed process: `{ name: 'python', version: '3.11.2' }`; the version is null if it is unknown. */
export type RuntimeVersion = { readonly name: Runtime; readonly version: string | null };

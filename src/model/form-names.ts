import type { Runtime } from './runtime.ts';

/** Names of fatal errors that have no type, by the forms of last words. They are public: fixed, and of this list. */
const FORM_NAMES: Partial<Record<Runtime, Readonly<Record<string, string>>>> = {
  php: {
    'memory-limit': 'memory limit exceeded',
    'time-limit': 'time limit exceeded',
    'out-of-memory': 'out of memory',
    'fatal-error': 'fatal error',
  },
  erlang: { 'out-of-memory': 'out of memory', halt: 'emulator halted' },
  deno: { 'out-of-memory': 'out of memory' },
  dotnet: { 'fail-fast': 'fail fast', 'out-of-memory': 'out of memory' },
  perl: {
    'compile-error': 'compilation error',
    'out-of-memory': 'out of memory',
    'missing-module': 'missing module',
    'missing-method': 'missing method',
    'undefined-invocant': 'method call on an undefined value',
    'undefined-subroutine': 'undefined subroutine',
    'zero-division': 'division by zero',
    'wrong-reference': 'wrong kind of reference',
    'read-only-value': 'modification of a read-only value',
  },
};

const NAMES = new Set(Object.values(FORM_NAMES).flatMap((names) => Object.values(names)));

/** @returns null for a form of exceptions, which have a type */
export function formName(runtime: Runtime, form: string): string | null {
  return FORM_NAMES[runtime]?.[form] ?? null;
}

export function isFormName(text: string): boolean {
  return NAMES.has(text);
}

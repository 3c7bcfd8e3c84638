import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { CHECKOUT } from '../../support/crashmon.ts';
import type { Language } from '../plan/ways.ts';

export const FIXTURES: string = path.join(CHECKOUT, 'test/fixtures/chaos');

export const CLOCK_LIBRARY = 'jumping-clock.so';

/** Compiles those that are needed into a directory. */
export async function compilePrograms(directory: string, languages: ReadonlySet<Language>): Promise<void> {
  const source = (name: string) => path.join(FIXTURES, name);
  const into = (name: string) => ['-o', path.join(directory, name)];
  const compilers: Partial<Record<Language | 'clock', string[]>> = {
    clock: ['gcc', '-O2', '-w', '-shared', '-fPIC', ...into(CLOCK_LIBRARY), source('jumping-clock.c')],
    c: ['gcc', '-g', '-O0', '-w', ...into('ends-c'), source('ends.c')],
    go: ['go', 'build', ...into('ends-go'), source('ends.go')],
    java: ['java', '-m', 'jdk.compiler/com.sun.tools.javac.Main', '-d', directory, source('Ends.java')],
  };
  const env = {
    ...process.env,
    ...{ GOCACHE: path.join(directory, '.go'), GOTOOLCHAIN: 'local', GOPROXY: 'off' },
  };
  for (const [language, [compiler = '', ...args]] of Object.entries(compilers)) {
    if (language === 'clock' || languages.has(language as Language))
      await promisify(execFile)(compiler, args, { env });
  }
}

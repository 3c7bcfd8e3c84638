import { createInterface } from 'node:readline';
import { type StartOptions, startProcess } from './started-process.ts';

/** A program that prints `ready …` and answers each line with a line of numbers. */
export type LineProgram = AsyncDisposable & {
  readonly pid: number;
  /** The text after `ready`. */
  readonly hello: string;
  ask(line: string): Promise<number[]>;
};

const ANSWER_MS = 120_000;

export async function startLineProgram(
  command: readonly string[],
  options: StartOptions = {},
): Promise<LineProgram> {
  const program = startProcess(command, { ...options, stdio: ['pipe', 'pipe', 'inherit'] });
  const { stdin, stdout } = program.child;
  if (stdin === null || stdout === null) throw new Error('it has no pipes');
  stdin.on('error', () => {});
  const lines = createInterface(stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const late = setTimeout(() => stdout.destroy(), ANSWER_MS);
    const { value, done } = await lines.next();
    clearTimeout(late);
    if (done) throw new Error(`${command.join(' ')} said nothing`);
    return value;
  };
  try {
    const hello = (await next()).replace(/^ready ?/, '');
    return {
      pid: program.pid,
      hello,
      async ask(line) {
        stdin.write(`${line}\n`);
        return (await next()).split(' ').map(Number);
      },
      [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
    };
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
}

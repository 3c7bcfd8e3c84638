import { type StartOptions, startProcess } from './started-process.ts';

/** Runs a program that must succeed, and returns its output. */
export async function runToEnd(command: readonly string[], options: StartOptions = {}): Promise<string> {
  await using program = startProcess(command, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, errors] = await Promise.all([
    textOf(program.child.stdout),
    textOf(program.child.stderr),
    program.exited,
  ]);
  if (program.child.exitCode !== 0) throw new Error(`${command.join(' ')} failed:\n${errors}${output}`);
  return output;
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += chunk;
  return text;
}

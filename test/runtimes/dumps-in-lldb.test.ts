// As test/dumps/same-in-debuggers.test.ts, with lldb, which Debian brings with hundreds of megabytes of LLVM.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { testSameFrames } from '../support/dumps/test-same-frames.ts';

const FORMAT =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: lldb's own syntax
  'frame #${frame.index}: ${module.file.basename}`${function.name-without-args}{ at ${line.file.basename}:${line.number}}\\n';

/** Frames of the crashing thread, as lldb says it. */
async function framesOf(program: string, core: string): Promise<string[]> {
  const commands = [
    `settings set frame-format "${FORMAT}"`,
    `target create --core ${core} ${program}`,
    'thread backtrace --count 30',
  ];
  const args = [
    '--no-lldbinit',
    '--script-language',
    'none',
    '--batch',
    ...commands.flatMap((each) => ['-o', each]),
  ];
  const { stdout } = await promisify(execFile)('lldb', args, { timeout: 120_000, maxBuffer: 2 ** 26 });
  return Array.from(stdout.matchAll(/frame (#\d+: .*)/g), ([, frame = '']) =>
    frame.replace(/0x[0-9a-f]+ /, ''),
  );
}

await testSameFrames('lldb', framesOf, 300_000);

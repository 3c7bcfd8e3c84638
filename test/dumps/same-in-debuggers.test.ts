import { testSameFrames } from '../support/dumps/test-same-frames.ts';
import { gdbFrames } from '../support/native/unwind.ts';

const FRAMES = 30;

await testSameFrames(
  'gdb',
  async (program, core) => {
    const frames = await gdbFrames(program, core, FRAMES);
    return frames.map((frame) => frame.replace(/ 0x[0-9a-f]+ in /, ' '));
  },
  180_000,
);

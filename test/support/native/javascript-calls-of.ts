import { readLoadedImage } from '../../../src/formats/elf/loaded-image.ts';
import { MACHINES } from '../../../src/formats/elf/machine.ts';
import { mappingAt } from '../../../src/formats/elf/mapping-at.ts';
import { findJavaScriptCalls } from '../../../src/formats/v8/javascript-calls.ts';
import { V8Heap } from '../../../src/formats/v8/v8-heap.ts';
import { readV8Layout } from '../../../src/formats/v8/v8-layout.ts';
import type { JavaScriptCall } from '../../../src/model/native-stack.ts';
import type { ProcessSnapshot } from '../../../src/model/process-snapshot.ts';

/** Calls of JavaScript of the thread that died; to be read while the process is held. */
export function javaScriptCallsOf({
  machine,
  threads,
  mappings,
  executable,
  readMemory,
}: ProcessSnapshot): JavaScriptCall[] {
  const node = mappings.find(({ name, offset }) => name === executable && offset === 0n);
  const layout =
    node === undefined ? null : readV8Layout(readMemory, readLoadedImage(readMemory, node.start));
  if (layout === null) throw new Error('it does not describe V8');
  const registers = Buffer.from(threads[0]?.registers ?? []);
  const address = registers.readBigUInt64LE(MACHINES[machine].stackPointer * 8) & ~7n;
  const stack = mappingAt(mappings, address);
  const bytes = readMemory(address, Number((stack?.end ?? address) - address));
  return findJavaScriptCalls({ address, bytes }, new V8Heap(readMemory, layout), layout);
}

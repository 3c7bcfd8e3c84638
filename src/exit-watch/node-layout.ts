import { readNodeImage } from '../debugger/node-image.ts';
import { findDynamicRange } from '../formats/elf/dynamic-symbol.ts';
import type { CodeRange } from '../formats/v8/find-thrown.ts';
import { readV8ErrorLayout, type V8ErrorLayout } from '../formats/v8/v8-error-layout.ts';
import { readV8Layout, type V8Layout } from '../formats/v8/v8-layout.ts';

/** What has to be known of a Node to read the exception that ends it. */
export type NodeLayout = {
  readonly v8: V8Layout;
  readonly errors: V8ErrorLayout;
  /** `node::errors::TriggerUncaughtException(v8::Isolate*, v8::Local<v8::Value>, v8::Local<v8::Message>, bool)` */
  readonly trigger: CodeRange;
};

const TRIGGER =
  '_ZN4node6errors24TriggerUncaughtExceptionEPN2v87IsolateENS1_5LocalINS1_5ValueEEENS4_INS1_7MessageEEEb';

/**
 * Read it while the process runs, once it is Node; it does not stop for that. null for another program, and for a Node
 * that does not export its description.
 */
export function readNodeLayout(pid: number): NodeLayout | null {
  return readNodeImage(pid, (read, image) => {
    const v8 = readV8Layout(read, image);
    const errors = v8 === null ? null : readV8ErrorLayout(read, image);
    const trigger = errors === null ? null : findDynamicRange(read, image, TRIGGER);
    return v8 === null || errors === null || trigger === null ? null : { v8, errors, trigger };
  });
}

import type { TextModule, TextThread } from '../../formats/stack-text/stack-text.ts';
import type { ToolResult } from './run-tool.ts';

/** Result of one tool; the crashing thread is the first. */
export type Unwound = {
  tool: 'eu-stack' | 'gdb';
  modules: TextModule[];
  threads: TextThread[];
  outcome: ToolResult['outcome'];
};

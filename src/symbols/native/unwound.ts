import type { TextModule, TextThread } from '../../formats/stack-text/stack-text.ts';
import type { ToolResult } from './run-tool.ts';

/** What one tool found; the thread that died is the first. */
export type Unwound = {
  tool: 'eu-stack' | 'gdb';
  modules: TextModule[];
  threads: TextThread[];
  outcome: ToolResult['outcome'];
};

import type { DumpKind } from '../model/dump.ts';

type Words = {
  /** What it is. */
  name: string;
  /** What opens its file. */
  openWith: string;
};

/** Of all kinds but a core, which gdb opens. */
export function dumpKindWords(kind: Exclude<DumpKind, 'core'>): Words {
  return {
    'heap-snapshot': { name: 'heap snapshot', openWith: 'Chrome: DevTools, Memory, Load profile' },
    'java-heap': { name: 'Java heap dump', openWith: 'Eclipse Memory Analyzer or VisualVM' },
    'java-error': { name: 'hs_err file of Java', openWith: 'a text viewer' },
    'dotnet-dump': { name: '.NET dump', openWith: 'dotnet-dump analyze' },
  }[kind];
}

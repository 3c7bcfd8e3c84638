import type { CrashFacts } from '../model/crash-facts.ts';
import type { Frame } from '../model/frame.ts';
import type { RedactedException } from '../model/redacted-report.ts';
import type { Runtime } from '../model/runtime.ts';
import { dottedFunction, dottedType } from './dotted-names.ts';

/** Facts as signatures compare them, and the way back to the language's own spelling for people. */
export type NormalSpelling = {
  facts: CrashFacts;
  /** Of a title. */
  spelledTitle: (title: string) => string;
  /** Of a frame's text: `name (place)`. */
  spelledFrame: (text: string) => string;
};

const SAME: Omit<NormalSpelling, 'facts'> = { spelledTitle: (title) => title, spelledFrame: (text) => text };
/** Their names have the normal form already. */
const SCRIPT: ReadonlySet<Runtime> = new Set<Runtime>(['node', 'bun', 'deno', 'native']);

/** Names of all languages as identifiers with dots, so that one cause has one signature from any reporter. */
export function normalSpelling(facts: CrashFacts): NormalSpelling {
  const runtime = facts.runtime?.name ?? 'node';
  if (SCRIPT.has(runtime)) return { facts, ...SAME };
  const { exceptionType, frames, causes = [], members = [] } = facts;
  const type = exceptionType === null ? null : dottedType(exceptionType);
  const spellings = new Map<string, string>();
  const frameOf = (frame: Frame): Frame => {
    if (frame.function === null || frame.native !== undefined) return frame;
    const name = dottedFunction(frame.function, runtime);
    if (name !== frame.function && !spellings.has(name)) spellings.set(name, frame.function);
    return { ...frame, function: name };
  };
  const exceptionOf = (one: RedactedException): RedactedException => ({
    ...one,
    exceptionType: one.exceptionType === null ? null : dottedType(one.exceptionType),
    frames: one.frames.map(frameOf),
    members: one.members.map(exceptionOf),
  });
  const normal: CrashFacts = {
    ...facts,
    exceptionType: type,
    frames: frames.map(frameOf),
    causes: causes.map(exceptionOf),
    members: members.map(exceptionOf),
  };
  const spelledFrame = (text: string) => {
    const end = text.indexOf(' (');
    const name = end < 0 ? text : text.slice(0, end);
    return `${spellings.get(name) ?? name}${text.slice(name.length)}`;
  };
  const spelledTitle = (title: string) => {
    const [, what = title, where] = /^(.*?) in (.*)$/s.exec(title) ?? [];
    const spelled = type === null ? what : what.replace(type, () => exceptionType ?? type);
    return where === undefined ? spelled : `${spelled} in ${spelledFrame(where)}`;
  };
  return { facts: normal, spelledTitle, spelledFrame };
}

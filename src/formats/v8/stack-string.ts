import type { RawFrame } from '../../model/probe-record.ts';
import { parseFrameText } from '../crash-output/abort-stack.ts';

const AT = '    at ';
/** V8 writes ten unless the app asks for more. */
const MAX_FRAMES = 200;

/**
 * Frames of the value of `error.stack`. It is text that the app can shape, and can hold anything; where the message is
 * known, what looks like frames in it is passed over.
 */
export function framesOfStackString(stack: string, message: string): RawFrame[] {
  const lines = stack.slice(endOfMessage(stack, message)).split('\n', MAX_FRAMES + 2);
  const first = lines.findIndex((line) => line.startsWith(AT));
  const frames: RawFrame[] = [];
  for (const line of first < 0 ? [] : lines.slice(first)) {
    // A second stack can follow, of where an 'error' event was emitted.
    if (!line.startsWith(AT) || frames.length === MAX_FRAMES) break;
    const frame = frameOf(line.slice(AT.length));
    if (frame !== null) frames.push(frame);
  }
  return frames;
}

/** The message follows the name, on the first line. */
function endOfMessage(stack: string, message: string): number {
  const at = stack.indexOf(message);
  return at < 0 || stack.slice(0, at).includes('\n') ? 0 : at + message.length;
}

function frameOf(text: string): RawFrame | null {
  const isAsync = text.startsWith('async ');
  const body = isAsync ? text.slice('async '.length) : text;
  const frame = parseFrameText(body);
  if (frame !== null) return { ...frame, function: nameOf(frame.function), async: isAsync };
  const [, name] = /^([^()]{1,200}) \((?:<anonymous>|index \d+)\)$/.exec(body) ?? [];
  if (name === undefined) return null;
  return { function: nameOf(name), file: null, line: null, column: null, async: isAsync };
}

function nameOf(text: string | null): string | null {
  const name = text?.replace(/ \[as [^\]]*\]$/, '') ?? '';
  return name === '' || name === '<anonymous>' || name.endsWith('.<anonymous>') ? null : name;
}

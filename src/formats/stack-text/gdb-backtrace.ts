import {
  linesOf,
  MAX_FRAMES,
  MAX_MODULES,
  MAX_THREADS,
  parsePlace,
  type StackText,
  type TextFrame,
  type TextModule,
  type TextThread,
} from './stack-text.ts';

/**
 * Reads what gdb (13 and later) prints for `info proc mappings` and `thread apply all backtrace`, set to print
 * addresses and no arguments. Other lines are left out, among them gdb's greeting with the command line of the process;
 * names are hostile.
 *
 *           0x555555554000     0x555555555000     0x1000        0x0 /srv/shop/app
 *     Thread 1 (Thread 0x7ffff7eb6440 (LWP 7)):
 *     #0  0x00005555555553d8 in app::Cart::sum(int) const (...) at /srv/shop/src/cart.cpp:12
 *     #1  <signal handler called>
 *     #2  0x00007ffff7b278d9 in clone3 () from /lib/libc.so.6
 *     (More stack frames follow...)
 */
export function parseGdbBacktrace(text: string): StackText {
  const modules = new Map<string, TextModule>();
  const threads: TextThread[] = [];
  let thread: TextThread | null = null;
  let afterSignal = false;
  for (const line of linesOf(text)) {
    const tid = THREAD.exec(line)?.[1];
    if (tid !== undefined) {
      thread = { tid: Number(tid), frames: [], cut: false };
      afterSignal = false;
      if (threads.length < MAX_THREADS) threads.push(thread);
    } else if (thread === null) addMapping(modules, line);
    else if (SIGNAL.test(line)) afterSignal = true;
    else if (line === MORE) thread.cut = true;
    else {
      const frame = parseFrame(line);
      if (frame === null) continue;
      // The innermost frame and the one that a signal interrupted were not left by a call; nor were those in their code.
      const inner = thread.frames.at(-1);
      frame.isReturnAddress = !(inner === undefined || afterSignal) && !isSameStop(inner, frame);
      afterSignal = false;
      if (thread.frames.length < MAX_FRAMES) thread.frames.push(frame);
      else thread.cut = true;
    }
  }
  return { modules: [...modules.values()], threads };
}

const THREAD = /^Thread \d{1,9} \((?:Thread 0x[0-9a-f]{1,16} \()?LWP (\d{1,10})\)+(?: "[^"]{0,64}")?:$/;
const SIGNAL = /^#\d{1,5} +<signal handler called>$/;
const MORE = '(More stack frames follow...)';
const FRAME = /^#\d{1,5} +0x([0-9a-f]{1,16}) in (.*)$/;
const MAPPING = /^ +0x([0-9a-f]{1,16}) +0x([0-9a-f]{1,16}) +0x[0-9a-f]{1,16} +0x([0-9a-f]{1,16}) +(\/.*)$/;

/** Frames inlined at the place of a stop have its address. */
function isSameStop(inner: TextFrame, frame: TextFrame): boolean {
  return !inner.isReturnAddress && inner.address === frame.address;
}

/** A module begins where its first byte is, or would be, in memory. */
function addMapping(modules: Map<string, TextModule>, line: string): void {
  const [, from = '', to = '', offset = '', path = ''] = MAPPING.exec(line) ?? [];
  if (path === '') return;
  const known = modules.get(path);
  const end = BigInt(`0x${to}`);
  if (known === undefined) {
    const start = BigInt(`0x${from}`) - BigInt(`0x${offset}`);
    if (start >= 0n && modules.size < MAX_MODULES) modules.set(path, { start, end, buildId: null, path });
  } else if (end > known.end) known.end = end;
}

function parseFrame(line: string): TextFrame | null {
  const [, address, body = ''] = FRAME.exec(line) ?? [];
  if (address === undefined) return null;
  const call = endOfName(body);
  if (call === null) return null;
  const name = body.slice(0, call.at);
  const tail = body.slice(call.end);
  const place = tail.startsWith(' at ') ? parsePlace(tail.slice(4)) : null;
  return {
    address: BigInt(`0x${address}`),
    isReturnAddress: true,
    symbol: name === '??' || name === '' ? null : name,
    file: place?.file ?? null,
    line: place?.line ?? null,
    column: place?.column ?? null,
    modulePath: tail.startsWith(' from ') ? tail.slice(6) : null,
  };
}

/** The start of the parameters, ` ()` or ` (...)`: a line with anything else would contain values, and is not a frame. */
function endOfName(body: string): { at: number; end: number } | null {
  for (const parameters of [' (...)', ' ()']) {
    for (const [start, next] of [
      [body.lastIndexOf(`${parameters} at `), ' at '],
      [body.lastIndexOf(`${parameters} from `), ' from '],
      [body.endsWith(parameters) ? body.length - parameters.length : -1, ''],
    ] as const) {
      if (start >= 0 && body.startsWith(next, start + parameters.length)) {
        return { at: start, end: start + parameters.length };
      }
    }
  }
  return null;
}

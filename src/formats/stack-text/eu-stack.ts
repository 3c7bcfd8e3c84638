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
 * Reads what `eu-stack -l -a -i -s -m -b --core …` prints (elfutils 0.188 and later). Other lines are
 * left out, so any text is fine; names in it are hostile.
 *
 *     PID 7 - core module memory map
 *     0x0000555555554000-0x0000555555558080 app
 *       [f4739d8c8ec4cf56136549c8c999994e1b0a8fa5]
 *       /srv/shop/app
 *     PID 7 - core
 *     TID 7:
 *     #0  0x00005555555553d8     app::Cart::sum(int) const - app
 *         [f4739d8c8ec4cf56136549c8c999994e1b0a8fa5]@0x555555554000+0x13d8
 *         /srv/shop/src/cart.cpp:12:137
 *     #1  0x0000555555555506 - 1 main - app
 */
export function parseEuStack(text: string): StackText {
  const modules: TextModule[] = [];
  const names = new Set<string>();
  const threads: TextThread[] = [];
  let module: TextModule | null = null;
  let thread: TextThread | null = null;
  let frame: TextFrame | null = null;
  for (const line of linesOf(text)) {
    const heading = PROCESS.exec(line);
    const tid = THREAD.exec(line)?.[1];
    if (heading !== null) {
      module = thread = frame = null;
    } else if (tid !== undefined) {
      thread = { tid: Number(tid), frames: [], cut: false };
      module = frame = null;
      if (threads.length < MAX_THREADS) threads.push(thread);
    } else if (thread === null) {
      const start = parseModule(line);
      if (start !== null) {
        module = start;
        names.add(module.path);
        if (modules.length < MAX_MODULES) modules.push(module);
      } else if (module !== null) addToModule(module, line);
    } else {
      const start = parseFrame(line, names);
      if (start !== null) {
        frame = start;
        if (thread.frames.length < MAX_FRAMES) thread.frames.push(frame);
        else thread.cut = true;
      } else if (frame !== null && line.startsWith('    ')) addToFrame(frame, line.slice(4));
    }
  }
  return { modules, threads };
}

/** Threads of which eu-stack says on standard error that it did not print all frames. */
export function parseEuStackCuts(stderr: string): Set<number> {
  const cut = new Set<number>();
  for (const line of linesOf(stderr)) {
    const tid = CUT.exec(line)?.[1];
    if (tid !== undefined) cut.add(Number(tid));
  }
  return cut;
}

const PROCESS = /^PID \d{1,10} - core(?: module memory map)?$/;
const THREAD = /^TID (\d{1,10}):$/;
const CUT = /^[^ ]{1,200}: tid (\d{1,10}): shown max number of frames/;
const MODULE = /^0x([0-9a-f]{1,16})-0x([0-9a-f]{1,16}) (.+)$/;
const BUILD_ID = /^ {2}\[([0-9a-f]{2,128})\]$/;
/** `%4s` of `- 1` or nothing stands behind the address. */
const FRAME = /^#\d{1,5} {1,2}0x([0-9a-f]{8,16})( {4}| - 1)(.*)$/;
const FRAME_BUILD_ID = /^\[[0-9a-f]{2,128}\]@0x[0-9a-f]{1,16}\+0x[0-9a-f]{1,16}$/;
const SEPARATOR = ' - ';
const MAX_SEPARATORS = 20;

function parseModule(line: string): TextModule | null {
  const [, start, end, name] = MODULE.exec(line) ?? [];
  if (start === undefined || name === undefined) return null;
  return { start: BigInt(`0x${start}`), end: BigInt(`0x${end}`), buildId: null, path: name };
}

/** Build ID, then the file (`-` for none), then that of its debug information. */
function addToModule(module: TextModule, line: string): void {
  const buildId = BUILD_ID.exec(line)?.[1];
  if (buildId !== undefined) module.buildId ??= buildId;
  else if (line.startsWith('  ') && line.length > 3 && !module.path.includes('/'))
    module.path = line.slice(2);
}

function parseFrame(line: string, modules: ReadonlySet<string>): TextFrame | null {
  const [, address, activation, rest = ''] = FRAME.exec(line) ?? [];
  if (address === undefined) return null;
  const end = moduleSeparator(rest, modules);
  const symbol = rest.slice(1, end);
  const module = rest.slice(end + SEPARATOR.length);
  return {
    address: BigInt(`0x${address}`),
    isReturnAddress: activation !== '    ',
    symbol: symbol === '' ? null : symbol,
    ...{ file: null, line: null, column: null, modulePath: module.startsWith('/') ? module : null },
  };
}

/** A symbol may hold ` - ` (`operator - `), and so may a file's name. The list has modules without their directories. */
function moduleSeparator(rest: string, modules: ReadonlySet<string>): number {
  let at = rest.indexOf(SEPARATOR);
  for (let n = 0; at >= 0 && n < MAX_SEPARATORS; n++) {
    const module = rest.slice(at + SEPARATOR.length);
    if (modules.has(module.slice(module.lastIndexOf('/') + 1))) return at;
    at = rest.indexOf(SEPARATOR, at + 1);
  }
  const last = rest.lastIndexOf(SEPARATOR);
  return last < 0 ? rest.length : last;
}

function addToFrame(frame: TextFrame, text: string): void {
  if (FRAME_BUILD_ID.test(text) || frame.file !== null || text === '') return;
  Object.assign(frame, parsePlace(text));
}

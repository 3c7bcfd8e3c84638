import type { Frame } from '../model/frame.ts';
import type { NativeFrame } from '../model/native-stack.ts';
import { foldRecursion } from './fold-recursion.ts';
import { type FrameOrigin, frameOrigin } from './frame-origin.ts';
import { shortFunctionName } from './short-function-name.ts';

export type WorkerProgram = {
  /** Absolute path of the program; for a script, of its interpreter. */
  executable: string;
  /** '' if there is none. */
  appRoot: string;
};

/** Frames of a report from those of one thread: names shortened, with their origin, recursion folded. */
export function toFrames(frames: readonly NativeFrame[], program: WorkerProgram): Frame[] {
  return foldRecursion(
    frames.map((frame) => {
      const name = frame.function === null ? null : shortFunctionName(frame.function);
      return {
        function: name,
        file: frame.file,
        line: frame.line,
        column: frame.column,
        ...nativeOrigin(frame, name, program),
        repeat: 1,
        trust: frame.trust,
        native: {
          image: frame.module,
          offset: `0x${callOffset(frame).toString(16)}`,
          buildId: frame.buildId,
          inlined: frame.inlined,
        },
      };
    }),
  );
}

function callOffset({ address, moduleOffset, isReturnAddress }: NativeFrame): bigint {
  const offset = moduleOffset ?? address;
  return isReturnAddress && offset > 0n ? offset - 1n : offset;
}

/**
 * The app's own code is in its executable, or in libraries below its root outside packages, unless the source is a language
 * library, whose templates and generics are compiled into programs.
 */
function nativeOrigin(frame: NativeFrame, name: string | null, program: WorkerProgram): FrameOrigin {
  const image = frame.module?.replace(/ \(deleted\)$/, '') ?? null;
  if (image === null) return { module: 'unknown', inApp: false };
  const file = image.slice(image.lastIndexOf('/') + 1);
  const interpreter = INTERPRETER.exec(file)?.[1];
  if (interpreter !== undefined) return { module: interpreter, inApp: false };
  if (DOTNET.test(file)) return { module: file, inApp: false };
  const isBelowRoot = program.appRoot !== '' && image.startsWith(`${program.appRoot}/`);
  const origin = isBelowRoot ? frameOrigin(image, program.appRoot) : null;
  if (origin !== null && !origin.inApp) return origin;
  if (origin === null && image !== program.executable) return { module: file, inApp: false };
  const library = libraryOf(frame.file, name);
  return { module: library, inApp: library === null };
}

const INTERPRETER =
  /^(node|bun|deno|python|php|ruby|perl|java|dotnet|mono)(?:js|-fpm|-sgen|-boehm)?[\d.]{0,8}$/;
/** The runtime of .NET can lie beside the program. */
const DOTNET = /^lib(?:coreclr|clrjit|clrgc|clrgcexp|hostfxr|hostpolicy|System\.[\w.]{1,80})\.so$/;
const LANGUAGE = /^(?:<[^>]{0,40}as )?<?(?:&|mut |dyn )*(core|std|alloc|__gnu_cxx)::/;
const START = /^(?:_start|_init|__libc_csu_init|__do_global_\w+|deregister_tm_clones|register_tm_clones)$/;

function libraryOf(file: string | null, name: string | null): string | null {
  if (name !== null && START.test(name)) return 'libc';
  const crate = /\/\.cargo\/registry\/src\/[^/]{1,100}\/([\w-]{1,80}?)-\d/.exec(file ?? '')?.[1];
  if (crate !== undefined) return crate;
  if (file?.startsWith('/rustc/') === true) return 'std';
  if (file?.startsWith('/usr/include/') === true)
    return file.startsWith('/usr/include/c++/') ? 'std' : 'system';
  return LANGUAGE.test(name ?? '') ? 'std' : null;
}

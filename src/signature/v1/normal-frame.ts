import type { Frame } from '../../model/frame.ts';
import { isBundled, stableFile } from './file-name.ts';
import {
  isInstrumentation,
  isIrrelevant,
  isLibraryPrefix,
  isPrefix,
  isRuntimeName,
  isSentinel,
  isSystem,
} from './frame-lists.ts';
import { imageName, machineFunction } from './machine-name.ts';
import { scriptFunction } from './script-name.ts';

/** A frame as signatures see it: the same after every deploy. */
export type NormalFrame = {
  /** null for what has no name or a generated one. */
  name: string | null;
  /** File, package or library that the name belongs to. */
  place: string;
  /** What is hashed of it. */
  key: string;
  origin: 'app' | 'dependency' | 'runtime';
  isMachineCode: boolean;
  role: 'normal' | 'prefix' | 'sentinel' | 'irrelevant';
  /** Of a frame that is left out whatever the others are. */
  why: string | null;
};

export function normalFrame(frame: Frame): NormalFrame {
  const { native } = frame;
  const bundled = native === undefined && frame.file !== null && isBundled(frame.file);
  const name =
    native === undefined ? scriptFunction(frame.function, bundled) : machineFunction(frame.function);
  const origin = originOf(frame, name);
  const place = placeOf(frame, origin);
  const why = whyLeftOut(frame, name, origin);
  return {
    name,
    place,
    key: `${name ?? '?'}@${placeInKey(frame, origin, name, place)}`,
    origin,
    isMachineCode: native !== undefined,
    role: why !== null ? 'irrelevant' : roleOf(name, origin, native !== undefined),
    why,
  };
}

function originOf({ inApp, module, file }: Frame, name: string | null): NormalFrame['origin'] {
  if (inApp) return 'app';
  if (module === null || isSystem(module) || file?.startsWith('node:') === true || isRuntimeName(name)) {
    return 'runtime';
  }
  return 'dependency';
}

/** As people read it. */
function placeOf({ file, module, native }: Frame, origin: NormalFrame['origin']): string {
  if (origin === 'dependency') return native === undefined ? (module ?? '') : imageName(module ?? '');
  if (origin === 'runtime' && file?.startsWith('node:') === true) return file.slice(0, 200);
  if (file !== null) return stableFile(file);
  if (native !== undefined && native.image !== null) return imageName(native.image);
  return module ?? '';
}

/** Functions of machine code differ by name; files are known only with debug information. */
function placeInKey(frame: Frame, origin: NormalFrame['origin'], name: string | null, place: string): string {
  const { native, file } = frame;
  if (native !== undefined && origin === 'app') {
    return name === null && native.image !== null ? imageName(native.image) : '';
  }
  // A package keeps its functions' names rather than its files'.
  return origin === 'dependency' && name === null && file !== null ? stableFile(file) : place;
}

function roleOf(
  name: string | null,
  origin: NormalFrame['origin'],
  isMachineCode: boolean,
): NormalFrame['role'] {
  if (isMachineCode && origin !== 'app' && isSentinel(name)) return 'sentinel';
  const isWrapper = isPrefix(name) || (origin !== 'app' && isLibraryPrefix(name));
  return isWrapper ? 'prefix' : 'normal';
}

function whyLeftOut({ trust, module, native }: Frame, name: string | null, origin: string): string | null {
  if (trust === 'scan') return 'found by a weak trace only, may be left over from an earlier call';
  if (native !== undefined && native.image === null && name === null) return 'code without a name or a file';
  if (isInstrumentation(module)) return 'instrumentation around the call';
  if (isIrrelevant(name)) return 'stands in many stacks, whatever the cause';
  if (name !== null && /^Promise\.(?:all|any|race|allSettled)$/.test(name) && origin === 'runtime') {
    return 'a built-in of the language';
  }
  return null;
}

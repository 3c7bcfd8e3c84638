import type { CrashKind } from '../../model/exit.ts';
import type { Frame } from '../../model/frame.ts';
import type { SignaturePart } from '../formed-signature.ts';
import { foldCycles } from './fold-cycles.ts';
import { type NormalFrame, normalFrame } from './normal-frame.ts';

export type ChosenFrames = {
  /** What is hashed, innermost first; of an endless recursion in the order of keys. */
  frames: NormalFrame[];
  /** Every frame that was examined, in words. */
  parts: SignaturePart[];
};

const MAX_EXAMINED = 100;
const MAX_FRAMES = 6;
/** So many named frames, other than wrappers, identify a place. */
const ENOUGH = 4;
/** Sentinels further out belong to something else. */
const SENTINELS_WITHIN = 40;

/** Chooses the few frames that identify the cause: the app's own if there are any, else a package's, else a runtime's. */
export function chooseFrames(frames: readonly Frame[], kind: CrashKind): ChosenFrames {
  const looked = frames
    .slice(0, MAX_EXAMINED)
    .map((frame) => ({ ...normalFrame(frame), repeat: frame.repeat }));
  const why = new Map<NormalFrame, string>();
  const isRecursion = kind === 'stack-overflow';
  const start = isRecursion ? 0 : afterSentinel(looked);
  const alive = looked.filter((frame, index) => {
    const reason = index < start ? 'only ends the process, or happens because it ends' : frame.why;
    if (reason !== null) why.set(frame, reason);
    return reason === null;
  });
  const { kept, repeated } = withoutTurns(alive);
  for (const frame of repeated) why.set(frame, 'repeats: a recursion counts once');
  const chosen = isRecursion ? ofRecursion(alive, kept, why) : chooseFrom(kept, kind, why);
  return { frames: chosen, parts: inWords(looked, new Set(chosen), why) };
}

function afterSentinel(frames: readonly NormalFrame[]): number {
  return frames.slice(0, SENTINELS_WITHIN).findLastIndex(({ role }) => role === 'sentinel') + 1;
}

type Counted = NormalFrame & { repeat: number };

function withoutTurns(frames: readonly Counted[]): { kept: NormalFrame[]; repeated: NormalFrame[] } {
  const kept = new Set(
    foldCycles(
      frames.map(({ key }) => key),
      frames.map(({ repeat }) => repeat),
    ).flatMap(({ indexes }) => indexes),
  );
  return {
    kept: frames.filter((_, index) => kept.has(index)),
    repeated: frames.filter((_, index) => !kept.has(index)),
  };
}

/**
 * The members of the cycle that fills most of the stack, in the order of their keys: where a cycle is cut by the end
 * of the stack is chance. Where none is seen, because it is longer than what was recorded, all that is there.
 */
function ofRecursion(
  frames: readonly Counted[],
  kept: readonly NormalFrame[],
  why: Map<NormalFrame, string>,
): NormalFrame[] {
  const turns = foldCycles(
    frames.map(({ key }) => key),
    frames.map(({ repeat }) => repeat),
  ).filter(({ repeats }) => repeats);
  const weight = ({ indexes }: { indexes: number[] }) =>
    indexes.reduce((sum, index) => sum + (frames[index]?.repeat ?? 1), 0);
  const cycle = turns.reduce<(typeof turns)[number] | null>(
    (most, turn) => (most === null || weight(turn) > weight(most) ? turn : most),
    null,
  );
  const members = cycle === null ? kept : cycle.indexes.flatMap((index) => frames[index] ?? []);
  const tier = bestTier(members);
  const byKey = new Map(tier.map((frame) => [frame.key, frame]));
  const chosen = [...byKey.values()]
    .sort((one, other) => (one.key < other.key ? -1 : 1))
    .slice(0, MAX_FRAMES);
  for (const frame of frames) {
    if (!why.has(frame)) why.set(frame, "not what goes round in the recursion, or not the app's part of it");
  }
  return chosen;
}

function bestTier(frames: readonly NormalFrame[]): readonly NormalFrame[] {
  for (const origin of ['app', 'dependency'] as const) {
    const tier = frames.filter((frame) => frame.origin === origin);
    if (tier.some(({ name }) => name !== null)) return tier;
  }
  const known = frames.filter(({ name, origin }) => name !== null || origin !== 'runtime');
  return known.length > 0 ? known : frames;
}

function chooseFrom(
  frames: readonly NormalFrame[],
  kind: CrashKind,
  why: Map<NormalFrame, string>,
): NormalFrame[] {
  const firstOwn = frames.findIndex(({ origin }) => origin === 'app');
  if (firstOwn >= 0)
    return [
      ...calledByApp(frames.slice(0, firstOwn), kind, why),
      ...ownFrames(frames.slice(firstOwn), why),
    ].slice(0, MAX_FRAMES);
  const others = frames.filter(({ origin, role }) => origin === 'dependency' || role === 'prefix');
  if (others.some(({ origin }) => origin === 'dependency')) {
    return enough(frames, why, ({ origin, role }) => origin === 'dependency' || role === 'prefix');
  }
  const outer = frames.filter(({ place }) => !place.startsWith('node:internal/'));
  const named = (outer.some(({ name }) => name !== null) ? outer : frames).filter(
    ({ name }) => name !== null,
  );
  return enough(frames, why, (frame) => named.includes(frame));
}

/**
 * What the app was in when it happened: of JavaScript the function of a package that the app called, because what is
 * further in changes with the package's version; of a fault the machine code that it happened in.
 */
function calledByApp(
  inner: readonly NormalFrame[],
  kind: CrashKind,
  why: Map<NormalFrame, string>,
): NormalFrame[] {
  const isFault = kind === 'fault' || kind === 'abort';
  const candidates = inner.filter(({ origin, name }) => origin === 'dependency' && name !== null);
  const called = isFault ? candidates[0] : candidates.at(-1);
  const prefix = inner.find(({ role, origin }) => role === 'prefix' && origin === 'runtime');
  const chosen = inner.filter((frame) => frame === called || frame === prefix);
  for (const frame of inner) {
    if (!why.has(frame) && !chosen.includes(frame)) {
      why.set(frame, frame.origin === 'runtime' ? "the runtime's own" : 'inside what the app called');
    }
  }
  return chosen;
}

/** Up to where a package or the runtime called the app: what led to that call is not part of the cause. */
function ownFrames(frames: readonly NormalFrame[], why: Map<NormalFrame, string>): NormalFrame[] {
  const boundary = frames.findIndex(
    ({ origin }, index) => origin === 'dependency' && frames.slice(0, index).some(isNamedOwn),
  );
  const inner = boundary < 0 ? frames : frames.slice(0, boundary);
  for (const frame of boundary < 0 ? [] : frames.slice(boundary)) {
    why.set(frame, 'further out than the package that called the app');
  }
  return enough(inner, why, ({ origin }) => origin === 'app');
}

const isNamedOwn = ({ name, origin, role }: NormalFrame) =>
  name !== null && origin === 'app' && role === 'normal';

function enough(
  frames: readonly NormalFrame[],
  why: Map<NormalFrame, string>,
  isWanted: (frame: NormalFrame) => boolean,
): NormalFrame[] {
  const chosen: NormalFrame[] = [];
  let named = 0;
  for (const frame of frames) {
    if (named >= ENOUGH || chosen.length >= MAX_FRAMES) why.set(frame, 'further out than what is needed');
    else if (!isWanted(frame)) {
      why.set(frame, frame.origin === 'runtime' ? "the runtime's own" : "a package between the app's frames");
    } else {
      chosen.push(frame);
      if (frame.name !== null && frame.role === 'normal') named++;
    }
  }
  return chosen;
}

/** Frames that are used have a line each; what was left out in a row for one reason has one. */
function inWords(
  frames: readonly NormalFrame[],
  chosen: ReadonlySet<NormalFrame>,
  why: ReadonlyMap<NormalFrame, string>,
): SignaturePart[] {
  const parts: (SignaturePart & { many: number })[] = [];
  for (const frame of frames) {
    const used = chosen.has(frame);
    const reason = used ? whyUsed(frame) : (why.get(frame) ?? 'not needed');
    const last = parts.at(-1);
    if (last !== undefined && !used && !last.used && last.why === reason) {
      last.many++;
      last.text = `${last.many} frames`;
    } else parts.push({ used, text: frameText(frame), why: reason, many: 1 });
  }
  return parts.map(({ used, text, why: reason }) => ({ used, text, why: reason }));
}

function whyUsed({ origin, role, name }: NormalFrame): string {
  if (name === null) return 'has no lasting name: its file stands for it';
  if (role === 'prefix') return 'used together with who called it';
  return origin === 'app' ? "the app's own" : origin === 'dependency' ? "a package's" : "the runtime's";
}

/** `applyCoupon (src/cart.ts)` */
export function frameText({ name, place }: NormalFrame): string {
  if (name === null) return place === '' ? '(no name)' : place;
  return place === '' ? name : `${name} (${place})`;
}

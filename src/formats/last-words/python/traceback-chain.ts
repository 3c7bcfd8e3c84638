import type { TracebackBlock } from './traceback-block.ts';
import { followsCause, heraldOf, isLogLine } from './traceback-lines.ts';

/** The traceback of the exception that was raised last, and of what caused it. */
export type TracebackChain = {
  block: TracebackBlock;
  /** Outermost first. */
  causes: TracebackBlock[];
  /** Heading of the first. */
  top: number;
  herald: ReturnType<typeof heraldOf>;
};

const MAX_CAUSES = 16;

/**
 * The last traceback that its sources vouch for: a message can hold whole tracebacks, and stands below the real one.
 *
 * @param blocks in the order of the text
 */
export function lastChain(
  lines: readonly string[],
  blocks: readonly TracebackBlock[],
): TracebackChain | null {
  const chains: TracebackChain[] = [];
  for (let index = blocks.length - 1; index >= 0; ) {
    const chain = chainOf(lines, blocks, index);
    chains.push(chain);
    index = blocks.findLastIndex(({ heading }) => heading < chain.top);
  }
  const ofApp = chains.filter(({ herald }) => herald !== 'thread' && herald !== 'ignored');
  const candidates = ofApp.length > 0 ? ofApp : chains;
  const vouched = candidates.findIndex(({ block }) => block.trust === 'vouched');
  if (vouched >= 0) return withoutQuoted(lines, candidates, vouched);
  const placed = candidates.find(({ block }) => block.trust !== 'refuted') ?? candidates[0];
  return placed === undefined ? null : believable(lines, blocks, placed);
}

/** `RuntimeError: failed:` above a traceback with an empty line below it: its message is `traceback.format_exc()`. */
function withoutQuoted(
  lines: readonly string[],
  chains: readonly TracebackChain[],
  index: number,
): TracebackChain | null {
  const [chain, before] = [chains[index], chains[index + 1]];
  if (chain === undefined || before === undefined) return chain ?? null;
  const isQuoted = before.block.end === chain.top && lines[chain.block.end] === '';
  return isQuoted && before.block.trust === 'vouched' ? before : chain;
}

/** Nothing vouches for it: what may be text of another exception's message is not shown. */
function believable(
  lines: readonly string[],
  blocks: readonly TracebackBlock[],
  chain: TracebackChain,
): TracebackChain {
  const before = blocks.findLast(({ heading }) => heading < chain.top);
  const isQuoted = before !== undefined && isOneText(lines, before.end, chain.top);
  if (!isQuoted && chain.block.trust !== 'refuted') return chain;
  const { error } = chain.block;
  const nameless = { ...error, type: null, calls: [], members: [] };
  return { ...chain, block: { ...chain.block, error: nameless }, causes: [] };
}

function chainOf(lines: readonly string[], blocks: readonly TracebackBlock[], index: number): TracebackChain {
  const block = blocks[index] as TracebackBlock;
  const causes: TracebackBlock[] = [];
  let first = block;
  while (causes.length < MAX_CAUSES && followsCause(lines, first.heading)) {
    const cause = causeAbove(lines, blocks, first, block.trust === 'vouched');
    if (cause === null) break;
    causes.push(cause);
    first = cause;
  }
  const herald = heraldOf(lines[first.heading - 1] ?? '');
  return { block, causes, top: first.heading, herald };
}

function causeAbove(
  lines: readonly string[],
  blocks: readonly TracebackBlock[],
  { heading }: TracebackBlock,
  isVouched: boolean,
): TracebackBlock | null {
  const above = (block: TracebackBlock) => block.end <= heading - 3;
  const nearest = blocks.findLast(above);
  if (nearest === undefined || !isVouched || nearest.trust === 'vouched') return nearest ?? null;
  const vouched = blocks.findLast((block) => above(block) && block.trust === 'vouched');
  return vouched !== undefined && isOneText(lines, vouched.end, heading) ? vouched : null;
}

/** Whether lines can be one message. */
function isOneText(lines: readonly string[], from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (isLogLine(lines[at] ?? '')) return false;
  return true;
}

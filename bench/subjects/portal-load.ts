import { type LineProgram, startLineProgram } from '../processes/line-program.ts';
import { benchProgram } from './crashmon-command.ts';
import type { BenchPortal } from './portal-process.ts';
import { SEEDED } from './portal-seed.ts';

export type Load = {
  /** `capture`: a crash and its report, together 50 kB. */
  kind: 'crash' | 'capture';
  ms: number;
  connections: number;
  crashesPerRequest: number;
  /** null: as many as the portal accepts. */
  perSecond: number | null;
};
export type LoadResult = { crashes: number; perSecond: number; refused: number };

export type LoadSender = AsyncDisposable & { send(load: Load): Promise<LoadResult> };

/** A sending fleet, in its own process on this machine. */
export async function startLoad({ url, token }: BenchPortal): Promise<LoadSender> {
  const program: LineProgram = await startLineProgram(
    benchProgram('portal-load.mjs', url, token, SEEDED.app),
    { deadlineMs: 1_800_000 },
  );
  return {
    async send({ kind, ms, connections, crashesPerRequest, perSecond }) {
      const [crashes = 0, tookMs = 1, refused = 0] = await program.ask(
        [kind, ms, connections, crashesPerRequest, perSecond ?? 0].join(' '),
      );
      return { crashes, perSecond: (crashes / tookMs) * 1_000, refused };
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

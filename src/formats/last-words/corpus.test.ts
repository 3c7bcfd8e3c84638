import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  canariesIn,
  ownPlace,
  type RecordedDeath,
  readRecorded,
  recordedDeaths,
} from '../../../test/support/last-words-corpus.ts';
import type { ExitStatus } from '../../model/exit.ts';
import type { LastWords } from '../../model/last-words.ts';
import type { Runtime } from '../../model/runtime.ts';
import { proveDeath } from '../../policy/prove-death.ts';

/** What is known to be read wrongly, and why. */
const MISSES: Readonly<Record<string, string>> = {
  'mono/failfast': 'Mono prints a dump of its own machine code, which names no call of the program',
  'java/oom-exit': 'the JVM prints nothing on standard error, and writes no file',
  'php/plain-noini': 'Without php.ini, PHP prints on standard output, which is not read.',
  'python/excepthook-json': 'a JSON line that the app printed itself is never more than printed',
  'rust/overflow-hook': 'a JSON line of the app, by its own hook for panics',
};

describe('recorded deaths', () => {
  for (const death of recordedDeaths()) {
    test(death.name, () => {
      const words = readRecorded(death);
      if (words !== null) assert.deepEqual(canariesIn(words), []);
      const found = findingOf(death, words);
      if (death.name in MISSES)
        assert.notDeepEqual(found, expected(death), 'is right now: take it off the list');
      else assert.deepEqual(found, expected(death));
    });
  }
});

type Finding = {
  claimed: boolean;
  type?: string | null;
  causes?: (string | null)[];
  thrownAt?: string | null;
  signal?: string | null;
};

/** A dotted name: the kind of a fatal error has none, only a form. */
const TYPE = /^[\w.:$\\]+$/;
/** Their fatal errors are constant texts, which stand for a type. */
const HAVE_TEXTS: ReadonlySet<Runtime> = new Set(['go', 'rust', 'native']);

function expected({ runtime, exit, expect, throwAt }: RecordedDeath): Finding {
  if (!expect.died) return { claimed: false };
  const { type = null } = expect;
  const causes = inOrder(expect, expect.causes ?? []);
  if (isOfSignal(expect, runtime)) return { claimed: true, type: null, causes, signal: signalOf(type, exit) };
  const thrownAt = hasPlace(expect, throwAt) ? { thrownAt: throwAt } : {};
  return {
    claimed: true,
    type: type !== null && (TYPE.test(type) || HAVE_TEXTS.has(runtime)) ? type : null,
    causes,
    ...thrownAt,
  };
}

function isOfSignal(expect: RecordedDeath['expect'], runtime: Runtime): boolean {
  return expect.signal === true && !HAVE_TEXTS.has(runtime);
}

/** The signal that a text names, or the one that ended the process: Python has sentences for them. */
function signalOf(type: string | null, exit: number | string): string {
  return type?.startsWith('SIG') === true ? type : String(exit);
}

/** Members of a group stand in no order of their own. */
function inOrder<T extends string | null>(expect: RecordedDeath['expect'], types: T[]): T[] {
  return expect.anyOrder === true ? types.toSorted() : types;
}

/** The place of some is not printed. */
function hasPlace(expect: RecordedDeath['expect'], throwAt: string | null): boolean {
  return throwAt !== null && expect.anyTop !== true;
}

function findingOf(death: RecordedDeath, words: LastWords | null): Finding {
  const { runtime, exit, expect, throwAt } = death;
  const proof =
    words === null ? null : proveDeath({ status: statusOf(exit), runtime, words, pid: null, silenceMs: 0 });
  const isPrinted = proof === 'printed' && expect.maybe === true;
  const claimed = proof === 'proven' || proof === 'likely' || isPrinted;
  // Not even a person could say.
  if (expect.undecidable === true) return { claimed: expect.died };
  if (!claimed || words === null) return { claimed: false };
  const { error, causes } = words;
  const members = [error, ...causes].flatMap(({ members }) => members);
  const inner = [...causes, ...members].map(({ type }) => type);
  // Of JavaScript's import errors only Node prints one.
  const type = expect.noType === true ? null : error.type;
  const types = { claimed, type, causes: inOrder(expect, inner) };
  if (isOfSignal(expect, runtime)) return { ...types, signal: words.signal };
  return hasPlace(expect, throwAt) ? { ...types, thrownAt: ownPlace(death, words) } : types;
}

function statusOf(exit: number | string): ExitStatus {
  return typeof exit === 'number' ? { type: 'code', code: exit } : { type: 'signal', signal: exit };
}

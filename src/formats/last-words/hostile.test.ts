import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  canariesIn,
  type RecordedDeath,
  readRecorded,
  recordedDeaths,
} from '../../../test/support/last-words-corpus.ts';
import { rounds } from '../../../test/support/rounds.ts';
import { SEED, seededRandom } from '../../../test/support/seed.ts';
import type { LastWords, Vouchers } from '../../model/last-words.ts';
import type { Runtime } from '../../model/runtime.ts';
import { READERS } from './readers.ts';

const DEATHS = recordedDeaths();
const RUNTIMES = Object.keys(READERS) as Runtime[];
/** Their type is lost when lines follow. */
const MISSES: ReadonlySet<string> = new Set(['java/classnotfound']);
/** Lines of all recordings, each once. */
const LINES = [...new Set(DEATHS.flatMap(({ text }) => text.split('\n')))];
const NO_VOUCHERS: Vouchers = { readSource: () => null, program: null, readClass: () => null };
const SHUFFLES = rounds(200);
/** What readers search for, and what cuts a line. */
const PIECES = [
  '"',
  '(',
  ')',
  ':',
  '\t',
  ' at ',
  '#0 ',
  '/',
  '\0',
  '\u{1F600}',
  '9999999999',
  '[',
  'in ',
  '|',
  '',
];

/** A part of a message that imitates calls can be all that is left of a text. */
const IMITATES = /ada_?\.?CANARY|CANARYError/;

describe('what stands around a death', () => {
  const log = '2026-11-28 19:41:10,113 INFO GET /cart 200\n';
  const variants: Record<string, (text: string) => string> = {
    'carriage returns': (text) => text.replace(/\r?\n/g, '\r\n'),
    '600 lines of a log before it': (text) => log.repeat(600) + text,
    'no end of the last line': (text) => text.replace(/(?<!\n)\n$/, ''),
  };
  for (const [name, vary] of Object.entries(variants)) {
    test(`${name} change nothing`, () => {
      for (const death of DEATHS) {
        const varied = readRecorded({ ...death, text: vary(death.text) });
        assert.deepEqual(withoutPlace(varied), withoutPlace(readRecorded(death)), death.name);
      }
    });
  }

  test('lines after it change no type', () => {
    for (const death of DEATHS) {
      const varied = readRecorded({ ...death, text: death.text + log.repeat(3) });
      const type = readRecorded(death)?.error.type;
      if (varied === null) continue;
      if (MISSES.has(death.name))
        assert.notEqual(varied.error.type, type, 'is right now: take it off the list');
      else assert.equal(varied.error.type, type, death.name);
    }
  });

  test('no text is read that was cut anywhere, or has private lines between its own', () => {
    const random = seededRandom();
    const secrets = LINES.filter((line) => /^ *[a-z ]*CANARY [^:(]*$/.test(line));
    // A part of a message that imitates calls can be all that is left.
    for (const death of DEATHS.filter(({ text }) => !IMITATES.test(text))) {
      const lines = death.text.split('\n');
      const at = Math.floor(random() * lines.length);
      const texts = [
        lines.slice(at).join('\n'),
        lines.slice(0, at).join('\n'),
        lines.toSpliced(at, 0, secrets[Math.floor(random() * secrets.length)] ?? '').join('\n'),
      ];
      for (const text of texts) {
        const words = readRecorded({ ...death, text });
        assert.deepEqual(words === null ? [] : canariesIn(words), [], `${death.name}, ${SEED}:\n${text}`);
      }
    }
  });
});

/** Where it stands is the only difference. */
function withoutPlace(words: LastWords | null): Partial<LastWords> | null {
  return words === null ? null : { ...words, from: 0, to: 0 };
}

describe('all lines of all recordings, shuffled', () => {
  for (const runtime of RUNTIMES) {
    test(`throw nothing in the reader of ${runtime}`, () => {
      const random = seededRandom();
      const own = linesFor(runtime);
      for (let round = 0; round < SHUFFLES; round++) {
        const lines = Array.from({ length: 1 + Math.floor(random() * 80) }, () => {
          const from = random() < 0.7 ? own : LINES;
          const line = from[Math.floor(random() * from.length)] ?? '';
          return random() < 0.9 ? line : damaged(line, random);
        });
        const words = READERS[runtime]?.(lines, NO_VOUCHERS) ?? null;
        if (words !== null) assert.equal(isInside(words, lines), true, lines.join('\n'));
      }
    });
  }
});

/** With a part of it replaced. */
function damaged(line: string, random: () => number): string {
  const from = Math.floor(random() * (line.length + 1));
  const piece = PIECES[Math.floor(random() * PIECES.length)] ?? '';
  return line.slice(0, from) + piece + line.slice(from + Math.floor(random() * 4));
}

function linesFor(runtime: Runtime): string[] {
  return [...new Set(DEATHS.filter((death) => death.runtime === runtime).flatMap(linesOf))];
}

function linesOf({ text }: RecordedDeath): string[] {
  return text.split('\n');
}

function isInside({ from, to, linesAfter }: LastWords, { length }: readonly string[]): boolean {
  return from >= 0 && from < to && to + linesAfter <= length;
}

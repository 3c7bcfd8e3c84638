import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { dieUnderCrashmon, innerTypes, topOwnPlace } from '../support/runtimes/die-under-crashmon.ts';
import { thrownAt } from '../support/runtimes/thrown-at.ts';

type Program = {
  name: string;
  build?: string[];
  command: string[];
  /** Of the exception that ends it. */
  type?: string | null;
  causes?: string[];
  /** Where the innermost call of the app is shown; else at the comment THROW. */
  top?: string;
  /** It prints an exception, lives on, and ends for another reason. */
  lives?: boolean;
};

const PROGRAMS = path.join(import.meta.dirname, '..', 'fixtures', 'first-sight');
const programs: Program[] = JSON.parse(readFileSync(path.join(PROGRAMS, 'programs.json'), 'utf8'));

describe('programs that no reader was written for: the first crash', { concurrency: 2 }, () => {
  for (const { name, build, command, type, causes = [], top, lives = false } of programs) {
    test(name, async () => {
      const folder = path.join(PROGRAMS, name);
      const death = await dieUnderCrashmon({ folder, command, ...(build === undefined ? {} : { build }) });
      const { report } = death;
      assert.deepEqual(death.leaks, []);
      const seen =
        report === null
          ? null
          : {
              type: report.exceptionType,
              causes: innerTypes(report).toSorted(),
              top: topOwnPlace(report),
              isSure: report.proof === 'proven' || report.proof === 'likely',
            };
      const expected = { type, causes: causes.toSorted(), top: top ?? thrownAt(folder), isSure: true };
      assert.deepEqual(seen, lives ? null : expected, death.stderr);
    });
  }
});

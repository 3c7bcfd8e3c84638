import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { type ProbedRun, runProbed } from '../run-probed.ts';
import { anonymous } from './armed-program.ts';

const FIXTURES = path.join(import.meta.dirname, '../../fixtures/last-words');

type Case = {
  case: string;
  cmd: string[];
  expect: { died: boolean; type?: string | null; signal?: boolean } | null;
};

/** Servers, several writers, and what needs packages that CI does not have; a fault is printed only by an armed Python. */
const LEFT_OUT =
  /^(?:flask|django|celery|gunicorn|uvicorn|puma|webrick|mojo|plackup|starman|keyboardinterrupt|interleaved|memoryerror|nomemory|segv$|custom-type|thread-filehandle)/;

/** Where the text proves nothing, the probe does; errors of compilation come before it can see any. */
const RECORDED: Readonly<Record<string, boolean>> = {
  // They print it themselves, and exit.
  'python/thread-hookexit': false,
  'ruby/highlight': false,
  'perl/die-newline': true,
  'perl/object-stringify': true,
  'perl/missing-module': false,
  'perl/syntax': false,
};

function casesOf(language: string): Case[] {
  const { cases } = JSON.parse(readFileSync(path.join(FIXTURES, language, 'index.json'), 'utf8'));
  return cases.filter(
    ({ case: name, cmd, expect }: Case) =>
      /^\/usr\/bin\/(?:python3|ruby|perl)$/.test(cmd[0] ?? '') && expect !== null && !LEFT_OUT.test(name),
  );
}

function seen({ code, signal, stdout, stderr }: ProbedRun) {
  return { code, signal, stdout: anonymous(stdout), stderr: anonymous(stderr) };
}

for (const language of ['python', 'ruby', 'perl'] as const) {
  describe(`recorded programs of ${language}: armed they do the same, and a record is proof`, () => {
    const cases = casesOf(language);
    test('there are enough', () => assert.ok(cases.length >= 10));
    for (const { case: name, cmd, expect } of cases) {
      test(name, async () => {
        const [command = '', ...args] = cmd;
        const options = { cwd: path.join(FIXTURES, language, 'src'), runtime: language } as const;
        // Otherwise an armed Python prints more of a fault.
        const env = { PYTHONDONTWRITEBYTECODE: '1', PYTHONFAULTHANDLER: '1' };
        const plain = await runProbed(command, args, { ...options, env, armed: false });
        const armed = await runProbed(command, args, { ...options, env });
        assert.deepEqual(seen(armed), seen(plain));
        assert.notEqual(armed.claim, null);
        const isException = expect?.died === true && expect.signal !== true;
        assert.equal(armed.records.length > 0, RECORDED[`${language}/${name}`] ?? isException);
        const type = armed.records[0]?.thrown?.type;
        if (typeof expect?.type === 'string' && type !== undefined) assert.equal(type, expect.type);
        assert.ok(!/CANARY|4111|ada@/.test(JSON.stringify(armed.records.map(({ thrown }) => thrown))));
      });
    }
  });
}

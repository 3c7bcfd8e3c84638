import assert from 'node:assert/strict';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { helperPath } from '../../src/exit-watch/helper-path.ts';
import { ServiceRoot } from '../../src/host/service-root.ts';
import { readProcessStat } from '../../src/worker/process-info.ts';
import { startProgram } from '../support/run-program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test('what is handed over at the end reads the files of a program that has ended', async () => {
  await using directory = await temporaryDirectory();
  // A static program that waits for its input.
  await copyFile(helperPath(), path.join(directory.path, 'waits'));
  await writeFile(path.join(directory.path, 'own.txt'), 'of the container');
  await using program = startProgram('chroot', [directory.path, '/waits'], { input: 'open' });
  await program.waitForLine('stdout', /^ready/);
  const { pid } = program;
  const startTicks = readProcessStat(pid)?.startTicks ?? null;
  const service = { id: 'shop', source: 'process' as const, name: 'shop', replica: null, attributes: {} };
  const root = new ServiceRoot();
  root.started({ service, key: 'shop', pid, startTicks, startedAtMs: Date.now() });
  program.kill('SIGKILL');
  await program.exited;
  root.ended();
  {
    using used = root.useNow();
    assert.equal(await readFile(`/proc/self/fd/${used.root}/own.txt`, 'utf8'), 'of the container');
  }
  root.end();
  assert.equal(root.useNow().root, 'unknown');
});

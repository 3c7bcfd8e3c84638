import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ThrownValue } from '../../../src/model/probe-record.ts';
import type { Runtime } from '../../../src/model/runtime.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { type ProbedRun, runProbed } from '../run-probed.ts';

export type Program = {
  runtime: Runtime;
  command: string;
  args: readonly string[];
  files: Readonly<Record<string, string>>;
  env?: Readonly<Record<string, string | undefined>>;
};

/** Runs a program without and with its probe; fails unless both look the same from outside. */
export async function runArmed(program: Program): Promise<ProbedRun> {
  const { runtime, command, args, files, env = {} } = program;
  await using app = await temporaryDirectory('armed');
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(app.path, name), text);
  const options = { cwd: app.path, env: { ...env, APP: app.path }, runtime };
  const plain = await runProbed(command, args, { ...options, armed: false });
  const armed = await runProbed(command, args, options);
  const seen = ({ code, signal, stdout, stderr }: ProbedRun) => {
    return { code, signal, stdout: anonymous(stdout), stderr: anonymous(stderr) };
  };
  assert.deepEqual(seen(armed), seen(plain));
  return armed;
}

/** Addresses, times and process IDs differ from run to run. */
export function anonymous(text: string): string {
  return text.replace(/0x[0-9a-f]{6,}|\b\d{4,7}\b|\d\d:\d\d:\d\d(?:[.,]\d+)?/g, '…');
}

/** `type: function line < function line`, a line for each cause. */
function outline(thrown: ThrownValue | null | undefined): string[] {
  if (thrown == null) return [];
  const calls = thrown.frames.map(({ function: name, file, line }) => {
    return `${name} ${path.basename(file ?? '')}:${line}`;
  });
  const members = thrown.errors.map((error) => `  + ${outline(error).join(' / ')}`);
  return [`${thrown.type}: ${calls.join(' < ')}`, ...members, ...outline(thrown.cause)];
}

/** The only record of a run, in this outline; [] without one. */
export function recorded({ records }: ProbedRun): string[] {
  assert.ok(records.length <= 1);
  assert.ok(!JSON.stringify(records).includes('CANARY'));
  return outline(records[0]?.thrown);
}

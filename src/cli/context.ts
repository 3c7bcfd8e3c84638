import type { Instant } from '../model/instant.ts';

export type OutputSink = {
  write(text: string): unknown;
  /** Nobody reads it any more, or it cannot be written. */
  readonly closed?: boolean;
};

/** What a verb needs of the world; `main` makes it of the process, tests of values. */
export type CliContext = {
  env: Readonly<Record<string, string | undefined>>;
  /** How crashmon was called: `crashmon`, `./crashmon`. */
  command: string;
  stdout: OutputSink;
  stderr: OutputSink;
  now(): Instant;
  uid: number;
  /** The environment as the worker of `run` gets it. */
  workerEnv: NodeJS.ProcessEnv;
  /** What else the worker is to have, as the entry wrote it (`parseInherited`). */
  inherited?: string | undefined;
  /** Is standard output a terminal? */
  isTTY: boolean;
  stderrIsTerminal: boolean;
  /** Width of the terminal; 80 where there is none. */
  columns: number;
  /** IANA name for local times; undefined is the machine's own. */
  timeZone?: string | undefined;
};

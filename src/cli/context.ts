import type { Instant } from '../model/instant.ts';

export type OutputSink = {
  write(text: string): unknown;
  /** Writing failed, or the reader is gone. */
  readonly closed?: boolean;
};

/** What a verb needs from its environment; `main` reads it from the process, tests pass values. */
export type CliContext = {
  env: Readonly<Record<string, string | undefined>>;
  /** How crashmon was called: `crashmon`, `./crashmon`. */
  command: string;
  stdout: OutputSink;
  stderr: OutputSink;
  now(): Instant;
  uid: number;
  /** The environment of the worker. */
  workerEnv: NodeJS.ProcessEnv;
  /** Signals, limits and descriptors for the worker, as the entry wrote them (`parseInherited`). */
  inherited?: string | undefined;
  /** Is standard output a terminal? */
  isTTY: boolean;
  stderrIsTerminal: boolean;
  /** Width of the terminal, else 80. */
  columns: number;
  /** IANA name for local times; undefined: that of the machine. */
  timeZone?: string | undefined;
};

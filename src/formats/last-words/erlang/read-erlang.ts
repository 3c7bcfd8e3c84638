import type { LastWordsReader } from '../../../model/last-words.ts';
import { elixirException } from './elixir-exception.ts';
import { emulatorSlogan } from './emulator-slogan.ts';

/** What Elixir prints for an exception that ends it, and what the emulator of Erlang prints when it ends. */
export const readErlang: LastWordsReader = (lines, { readSource }) =>
  emulatorSlogan(lines) ?? elixirException(lines, readSource);

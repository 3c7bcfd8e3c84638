import type { Html, Interpolated } from './html.ts';

const OPTION = /(--[a-z][a-z\d-]*)/;

/**
 * A text whose command-line options can stay on one line: elsewhere a browser breaks a line after any hyphen.
 * @param unbroken marks up one of them
 */
export function unbrokenOptions(text: string, unbroken: (option: string) => Html): Interpolated {
  return text.split(OPTION).map((part, at) => (at % 2 === 0 ? part : unbroken(part)));
}

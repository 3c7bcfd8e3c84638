import type { PrintedCall } from '../../model/last-words.ts';
import type { Runtime } from '../../model/runtime.ts';
import { type FrameOrigin, frameOrigin } from '../frame-origin.ts';
import { bunOrigin } from './bun.ts';
import { denoOrigin } from './deno.ts';
import { dotnetOrigin } from './dotnet.ts';
import { erlangOrigin } from './erlang.ts';
import { goOrigin } from './go.ts';
import { javaOrigin } from './java.ts';
import { nativeOrigin } from './native.ts';
import type { OriginContext, OriginRule } from './origin-rule.ts';
import { perlOrigin } from './perl.ts';
import { phpOrigin } from './php.ts';
import { pythonOrigin } from './python.ts';
import { rubyOrigin } from './ruby.ts';
import { rustOrigin } from './rust.ts';

const ORIGINS: Readonly<Record<Runtime, OriginRule>> = {
  node: ({ file }, { appRoot }) => frameOrigin(file, appRoot),
  bun: bunOrigin,
  deno: denoOrigin,
  python: pythonOrigin,
  ruby: rubyOrigin,
  perl: perlOrigin,
  php: phpOrigin,
  java: javaOrigin,
  dotnet: dotnetOrigin,
  go: goOrigin,
  rust: rustOrigin,
  erlang: erlangOrigin,
  native: nativeOrigin,
};

/** Whose code a printed call is in. */
export function originOf(
  runtime: Runtime,
  { function: name, file }: Pick<PrintedCall, 'function' | 'file'>,
  context: OriginContext,
): FrameOrigin {
  return ORIGINS[runtime]({ function: name, file: file?.replaceAll('\\', '/') ?? null }, context);
}

import type { CrashFacts } from '../../../src/model/crash-facts.ts';
import type { Frame } from '../../../src/model/frame.ts';

/**
 * Frames from lines as people write them, innermost first:
 *
 *     applyCoupon (src/cart.ts:12:3)                    the app's own
 *     Layer.handle [express] (node_modules/…/layer.js)  a package's
 *     parse <libfoo.so>                                 machine code of a library; `<!server>` of the app's own
 */
export function stack(text: string): Frame[] {
  return text
    .trim()
    .split('\n')
    .map((line) => frame(line.trim()));
}

export function crash(fields: Partial<CrashFacts> & { stack?: string } = {}): CrashFacts {
  const { stack: text, ...rest } = fields;
  return {
    kind: 'exception',
    exceptionType: 'TypeError',
    code: null,
    signal: null,
    status: { type: 'code', code: 1 },
    fault: null,
    frames: [],
    ...rest,
    ...(text === undefined ? {} : { frames: stack(text) }),
  };
}

function frame(line: string): Frame {
  const count = / × (\d+)$/.exec(line);
  const text = count === null ? line : line.slice(0, -count[0].length);
  const base = { repeat: Number(count?.[1] ?? 1) };
  const machine = /^(.*?) ?<(!?)([^<>]+\.so[.\d]*|![^<>]+|node|server|std|[^<>]+\.node)>(?: \((.*)\))?$/.exec(
    text,
  );
  if (machine !== null) {
    const [, name = '', own, image = '', file] = machine;
    const bare = image.replace(/^!/, '');
    const inApp = own === '!' || image.startsWith('!');
    return {
      ...base,
      ...place(file ?? null),
      function: name === '' ? null : name,
      module: inApp ? null : bare,
      inApp,
      trust: 'cfi',
      native: { image: bare, offset: '0x1234', buildId: 'abcdef12', inlined: false },
    };
  }
  const isCall = /\(index \d+\)$/.test(text);
  const [, name = '', module, file = ''] =
    /^(.*?)(?: \[(?!as )([^\]]+)\])? ?\(([^()]*)\)$/.exec(isCall ? `${text} ()` : text) ?? [];
  const isNode = file.startsWith('node:');
  return {
    ...base,
    ...place(file === '' ? null : file),
    function: name === '' ? null : name,
    module: module ?? (isNode ? 'node' : null),
    inApp: module === undefined && !isNode && file !== '' && file !== '<anonymous>',
    trust: 'call-site',
  };
}

function place(text: string | null): Pick<Frame, 'file' | 'line' | 'column'> {
  const [, file = null, line, column] = /^(.*?)(?::(\d+))?(?::(\d+))?$/.exec(text ?? '') ?? [];
  return {
    file: text === null ? null : file,
    line: line === undefined ? null : Number(line),
    column: column === undefined ? null : Number(column),
  };
}

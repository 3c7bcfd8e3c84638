import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

export type BigBundle = { bundle: string; mapBytes: number };

const MODULES = 500;
/** Calls between the entry and the exception; each is in another module, far from the last. */
const DEPTH = 24;
const STRIDE = 20;

/**
 * An app whose minified bundle has a source map of 20 MB, the same bytes every time. It crashes with an
 * uncaught exception whose innermost 20 frames are spread over the bundle.
 */
export async function makeBigBundle(directory: string, functionsPerModule = 40): Promise<BigBundle> {
  const src = join(directory, 'src');
  await mkdir(src);
  for (let number = 0; number < MODULES; number++) {
    await writeFile(join(src, `module-${number}.ts`), moduleText(number, functionsPerModule));
  }
  const imports = Array.from({ length: MODULES }, (_, number) => `import './module-${number}.ts';`);
  const entry = `import { enter0 } from './module-0.ts';\n${imports.join('\n')}\nsetImmediate(() => enter0(1));\n`;
  await writeFile(join(src, 'main.ts'), entry);
  const bundle = join(directory, 'bundle.cjs');
  await build({
    absWorkingDir: directory,
    entryPoints: [join(src, 'main.ts')],
    outfile: bundle,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node18',
    sourcemap: true,
    sourcesContent: true,
    logLevel: 'warning',
  });
  return { bundle, mapBytes: (await stat(`${bundle}.map`)).size };
}

/** Functions of mixed code; module `n` of the chain calls the next one. */
function moduleText(number: number, functions: number): string {
  const chained = number % STRIDE === 0 && number / STRIDE < DEPTH;
  const last = number === STRIDE * (DEPTH - 1);
  const next = number + STRIDE;
  const lines = chained && !last ? [`import { enter${next} } from './module-${next}.ts';`] : [];
  lines.push(`const registry${number}: Record<string, (...values: number[]) => unknown> = {};`);
  for (let index = 0; index < functions; index++) lines.push(functionText(number, index));
  if (chained) {
    const body = last
      ? "throw new TypeError('no price for ' + value);"
      : `return enter${next}(value + 1) + 1;`;
    lines.push(`export function enter${number}(value: number): number {\n  ${body}\n}`);
  }
  // The read of a global keeps esbuild from removing the module.
  lines.push(`(globalThis as any).registry${number} = registry${number};`);
  return `${lines.join('\n')}\n`;
}

function functionText(number: number, index: number): string {
  const a = (number * 31 + index * 17) % 997;
  const b = (number * 7 + index * 13) % 89;
  return `
/** Step ${index} of module ${number}: totals of orders as they were before discount ${b}. */
registry${number}['step${index}'] = function step${index}(first: number, second: number): unknown {
  const factor${index} = first * ${a} + second * ${b};
  const items = Array.from({ length: factor${index} % ${b + 2} }, (_, position) => ({ position, price: position * ${a} }));
  let total = 0;
  for (const { position, price } of items) {
    if (price > ${a} && position % ${(b % 7) + 2} === 0) total += price - second;
    else total -= Math.max(position, first) / (factor${index} + ${b + 1});
  }
  return { total, label: 'step ' + ${index} + ' of ' + ${number}, count: items.length, first, second };
};`;
}

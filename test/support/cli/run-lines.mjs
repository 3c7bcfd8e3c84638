// Runs command lines one after the other in one process, and prints what each would have printed and exited with.
// Usage: node run-lines.mjs <main.mjs of crashmon> <JSON: a list of lists of arguments>
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , entry = '', lines = '[]'] = process.argv;
const cli = path.join(path.dirname(entry), 'cli');
const { main } = await import(pathToFileURL(existsSync(`${cli}.js`) ? `${cli}.js` : `${cli}.ts`).href);

// Each `main` listens for errors of its output.
process.stdout.setMaxListeners(0);
process.stderr.setMaxListeners(0);
const print = process.stdout.write.bind(process.stdout);
const results = [];
for (const args of JSON.parse(lines)) {
  const said = { stdout: '', stderr: '' };
  for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
    process[name].write = (/** @type {string | Uint8Array} */ text) => {
      said[name] += text;
      return true;
    };
  }
  process.exitCode = 0;
  await main(args);
  results.push({ code: process.exitCode, ...said });
}
process.exitCode = 0;
print(JSON.stringify(results));

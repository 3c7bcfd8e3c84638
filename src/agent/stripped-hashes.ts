import { execFileSync } from 'node:child_process';

/** Node ends the text with a comment that names the file, by its path or its URL. */
const QUESTION = `
const { stripTypeScriptTypes } = require('module');
const text = require('fs').readFileSync(0, 'utf8');
const path = process.argv[1];
for (const sourceUrl of [path, String(require('url').pathToFileURL(path))]) {
  const stripped = stripTypeScriptTypes(text, { sourceUrl });
  console.log(require('crypto').createHash('sha256').update(stripped).digest('hex'));
}`;

/**
 * SHA-256 of what Node's own type stripping, which puts blanks in the place of types, makes of a source. By the
 * worker's Node, because versions differ. Empty where it has none or cannot strip this.
 */
export function strippedHashes(path: string, source: string, execPath: string): readonly string[] {
  try {
    const text = execFileSync(execPath, ['--no-warnings', '-e', QUESTION, '--', path], {
      encoding: 'utf8',
      env: {},
      input: source,
      timeout: 5_000,
      maxBuffer: 1_000,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    return text.split('\n').filter((line) => /^[0-9a-f]{64}$/.test(line));
  } catch {
    return [];
  }
}

// Shared by the two entries, main.mjs and supervise.mjs; plain JavaScript for the reasons given there.
import fs from 'node:fs';
import module from 'node:module';
import os from 'node:os';
import path from 'node:path';

const here = import.meta.dirname;

export function prepareProcess() {
  silenceWarnings();
  enableCompileCache();
}

/**
 * A module, by its path from this folder: a checkout runs the TypeScript itself, the npm package what was built from it.
 * @param {string} name
 */
export function importOwn(name) {
  return import(fs.existsSync(path.join(here, `${name}.ts`)) ? `${name}.ts` : `${name}.js`);
}

/** Of Node modules that are still experimental. */
function silenceWarnings() {
  const emitWarning = process.emitWarning;
  /** @type {(...args: any[]) => void} */
  process.emitWarning = (...args) => {
    if (args[1] === 'ExperimentalWarning' && /^SQLite |execve/.test(String(args[0]))) return;
    Reflect.apply(emitWarning, process, args);
  };
}

/** A failure costs memory and time only. */
function enableCompileCache() {
  try {
    const own = path.join(here, '..', '..', '..', 'node_modules', '.cache', 'crashmon');
    const directory = canUse(own) ? own : temporaryCache();
    if (directory === null) return;
    // What it compiles would stay in its memory, to be stored at its end (1.5 MB): only for the processes that it starts.
    if (isSmallAgent()) process.env.NODE_COMPILE_CACHE = directory;
    else module.enableCompileCache(directory);
  } catch {}
}

/** Of the npm package; a checkout would have to strip types in its memory. See become-agent.ts. */
function isSmallAgent() {
  return process.env.CRASHMON_AGENT_SMALL !== undefined && !fs.existsSync(path.join(here, 'become-agent.ts'));
}

/** @param {string} directory */
function canUse(directory) {
  try {
    fs.mkdirSync(directory, { recursive: true });
    fs.accessSync(directory, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The cache holds code that will run: a directory that another user can write to is never used. */
function temporaryCache() {
  // Not os.userInfo(), which throws for a user without an entry in passwd.
  const uid = process.getuid?.() ?? 0;
  const directory = path.join(os.tmpdir(), `crashmon-compile-cache-${uid}`);
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = fs.lstatSync(directory);
  return found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0 ? directory : null;
}

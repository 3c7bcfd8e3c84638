// @ts-check
'use strict';
const isSameFile = require('./same-file.cjs').isSameFile;

/**
 * Takes what crashmon put into the environment out again, so that children do not inherit the probe. CRASHMON_RUN
 * stays: by it orphans are found.
 * @param {string} probeFile
 */
function leaveOurEnvironment(probeFile) {
  delete process.env.CRASHMON_PROBE_DIR;
  delete process.env.CRASHMON_PROBE_FIFO;
  const before = process.env.NODE_OPTIONS;
  if (before === undefined) return;
  const after = withoutRequireOf(before, (name) => isSameFile(name, probeFile));
  if (after === '') delete process.env.NODE_OPTIONS;
  else if (after !== before) process.env.NODE_OPTIONS = after;
}

/**
 * Cuts the first `--require <ours>` out; every other character stays as the app wrote it.
 * @param {string} options
 * @param {(name: string) => boolean} isOurs
 */
function withoutRequireOf(options, isOurs) {
  const words = split(options);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    const next = words[i + 1];
    let end = -1;
    if ((word.text === '--require' || word.text === '-r') && next && isOurs(next.text)) end = next.end;
    else if (word.text.startsWith('--require=') && isOurs(word.text.slice(10))) end = word.end;
    if (end === -1) continue;
    if (options[end] === ' ') return options.slice(0, word.start) + options.slice(end + 1);
    return options.slice(0, word.start).replace(/ $/, '');
  }
  return options;
}

/**
 * Words of NODE_OPTIONS as Node itself splits them (src/node_options.cc): spaces separate, double quotes group, and
 * a backslash escapes inside quotes only.
 * @param {string} options
 */
function split(options) {
  const words = [];
  let word = null;
  let quoted = false;
  for (let i = 0; i < options.length; i++) {
    let c = options[i];
    if (c === ' ' && !quoted) {
      word = null;
      continue;
    }
    if (word === null) {
      word = { text: '', start: i, end: i };
      words.push(word);
    }
    if (c === '"') {
      quoted = !quoted;
      c = '';
    } else if (c === '\\' && quoted && i + 1 < options.length) {
      i++;
      c = options[i];
    }
    word.text += c;
    word.end = i + 1;
  }
  return words;
}

module.exports = { leaveOurEnvironment, withoutRequireOf };

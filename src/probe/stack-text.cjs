// @ts-check
'use strict';
const limits = require('./call-sites.cjs');

const AT = '    at ';
const MAX_LINE = 8192;

/**
 * Frames of a stack that was formatted before. Message and stack are one text then, and a message can hold
 * lines that look like frames: the header is cut off where it still is what the error says of itself, and otherwise
 * only the last lines count, at most as many as V8 writes. The frames must not be trusted unchecked.
 * @param {string} stack
 * @param {string | null} header what Error.prototype.toString says
 * @param {number} stackTraceLimit
 */
function framesOfText(stack, header, stackTraceLimit) {
  const from =
    header !== null && (stack === header || stack.startsWith(`${header}\n${AT}`)) ? header.length : 0;
  const frames = [];
  const most = Math.min(stackTraceLimit, limits.MAX_FRAMES);
  let end = stack.length;
  while (frames.length < most && end > from) {
    const newline = stack.lastIndexOf('\n', end - 1);
    if (newline < from || end - newline > MAX_LINE) break;
    const frame = frameOfLine(stack.slice(newline + 1, end));
    if (frame === null) break;
    frames.unshift(frame);
    end = newline;
  }
  return frames;
}

/** `at f (place)`, `at place`, `at async Promise.all (index 0)`; null for any other line. */
function frameOfLine(/** @type {string} */ line) {
  if (!line.startsWith(AT)) return null;
  let text = line.slice(AT.length);
  const isAsync = text.startsWith('async ');
  if (isAsync) text = text.slice(6);
  if (/^Promise\.(?:all|allSettled|any) \(index \d+\)$/.test(text)) {
    return frame(text.slice(0, text.indexOf(' ')), { file: null, line: null, column: null }, isAsync);
  }
  // A path can hold ` (` too, but the name comes first.
  const open = text.endsWith(')') && !text.startsWith('eval at ') ? text.indexOf(' (') : -1;
  if (open === -1) {
    const place = placeOf(text);
    return place && frame(null, place, isAsync);
  }
  const place = placeOf(text.slice(open + 2, -1));
  return place && frame(nameOf(text.slice(0, open)), place, isAsync);
}

function placeOf(/** @type {string} */ text) {
  if (text === '<anonymous>') return { file: null, line: null, column: null };
  if (text === 'native') return { file: 'native', line: null, column: null };
  const position = /^([\s\S]*?):(\d{1,10}):(\d{1,10})$/.exec(text);
  if (position) {
    // `eval at f (file:1:2), <anonymous>:3:4`: the position is inside the evaluated text.
    const file = position[1].replace(/^(eval at [\s\S]*), <anonymous>$/, '$1');
    return { file: file === '<anonymous>' ? null : file, line: +position[2], column: +position[3] };
  }
  return limits.wasmPlaceOf(text);
}

function nameOf(/** @type {string} */ text) {
  const name = text.replace(/ \[as [^\]]*\]$/, '');
  return name === '' || name === '<anonymous>' || name.endsWith('.<anonymous>') ? null : name;
}

/** @param {string | null} name @param {{file: string|null, line: number|null, column: number|null, wasm?: object}} place */
function frame(name, place, isAsync) {
  const wasm = place.wasm;
  return {
    function: name === null ? null : name.slice(0, limits.MAX_NAME),
    file: place.file === null ? null : place.file.slice(0, limits.MAX_FILE),
    line: place.line || null,
    column: place.column || null,
    async: isAsync,
    ...(wasm && { wasm }),
  };
}

module.exports = { framesOfText };

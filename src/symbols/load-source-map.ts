import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FlattenMap, type TraceMap } from '@jridgewell/trace-mapping';
import type { CountedProblem } from '../model/problem.ts';
import { type Locate, onHost } from './locate.ts';
import { readRegularFile } from './regular-file.ts';
import { findSourceMapUrl } from './source-map-url.ts';

/** A file's source map, null if it has none, or the reason why it cannot be used. */
export type LoadedMap = { map: TraceMap | null; bytesRead: number; problem: CountedProblem | null };

/** Loads the map that a generated file names, external or inline, indexed or not. Never throws. */
export function loadSourceMap(path: string, maxBytes: number, locate = onHost): LoadedMap {
  const url = findSourceMapUrl(locate(path), maxBytes);
  // A missing file has no map.
  if (url === null || typeof url !== 'string') return none(null);
  const document = /^data:/i.test(url) ? readInline(url, path) : readExternal(url, path, maxBytes, locate);
  if ('problem' in document) return none(document.problem);
  try {
    const map = new FlattenMap(parseJson(document.json), document.url);
    return { map, bytesRead: document.json.length, problem: null };
  } catch {
    return none('source-map-damaged');
  }
}

type MapDocument = { json: string; url: string } | { problem: CountedProblem };

function readInline(url: string, path: string): MapDocument {
  const comma = url.indexOf(',');
  const body = url.slice(comma + 1);
  try {
    const json = /;base64$/i.test(url.slice(0, comma).trim())
      ? Buffer.from(decodePercent(body), 'base64').toString('utf8')
      : decodeURIComponent(body);
    return comma < 0 ? { problem: 'source-map-damaged' } : { json, url: pathToFileURL(path).href };
  } catch {
    return { problem: 'source-map-damaged' };
  }
}

/** Base64 in a URL may have `+`, `/` and `=` escaped. */
function decodePercent(text: string): string {
  return text.includes('%') ? decodeURIComponent(text) : text;
}

function readExternal(url: string, path: string, maxBytes: number, locate: Locate): MapDocument {
  const mapPath = resolveMapPath(url, path);
  if (typeof mapPath !== 'string') return mapPath;
  const content = readRegularFile(locate(mapPath), maxBytes);
  if ('problem' in content) {
    return { problem: content.problem === 'too-big' ? 'source-map-too-big' : 'source-map-missing' };
  }
  return { json: content.bytes.toString('utf8'), url: pathToFileURL(mapPath).href };
}

function resolveMapPath(url: string, path: string): string | { problem: CountedProblem } {
  try {
    const resolved = new URL(url, pathToFileURL(`${dirname(path)}/`));
    return resolved.protocol === 'file:' ? fileURLToPath(resolved) : { problem: 'source-map-remote' };
  } catch {
    return { problem: 'source-map-missing' };
  }
}

/** Servers can put `)]}'` before a map, so that it cannot be loaded as a script. */
function parseJson(text: string): ConstructorParameters<typeof FlattenMap>[0] {
  const start = text.startsWith(")]}'") ? text.indexOf('\n') + 1 : 0;
  return JSON.parse(start === 0 ? text : text.slice(start));
}

function none(problem: CountedProblem | null): LoadedMap {
  return { map: null, bytesRead: 0, problem };
}

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import type { RawFrame } from '../model/probe-record.ts';
import { problem } from '../model/problem.ts';
import { FrameMapper } from './frame-mapper.ts';

/** Generated line 1, column 1 → line 3, column 5 of the first source; column 11 → line 4 of the second. */
const mappings = 'AAEI,UCCA';
const sources = ['../src/a.ts', '../node_modules/dep/b.js'];
const plainMap = { version: 3, sources, names: [], mappings };

function at(file: string, column = 1, line = 1): RawFrame {
  return { function: 'f', file, line, column, async: false };
}

async function bundle(directory: string, comment: string, files: Record<string, string>): Promise<string> {
  const file = path.join(directory, 'dist', 'out.js');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `aaaaaaaaaabbbbbbbbbb\n${comment}\n`);
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(directory, 'dist', name), text);
  return file;
}

test('an external map is found by its relative, percent-encoded URL and sources are resolved against it', async () => {
  await using directory = await temporaryDirectory('symbols');
  const comment = '//# sourceMappingURL=out%20file.js.map?v=1';
  const file = await bundle(directory.path, comment, { 'out file.js.map': JSON.stringify(plainMap) });
  const mapper = new FrameMapper(directory.path);
  const mapped = mapper.mapFrames([at(file), at(pathToFileURL(file).href, 11)]);
  assert.deepEqual(mapped, [
    { ...at(path.join(directory.path, 'src/a.ts'), 5, 3) },
    { ...at(path.join(directory.path, 'node_modules/dep/b.js'), 5, 4) },
  ]);
  assert.deepEqual(mapper.problems(), []);
});

test('inline maps, base64 and plain', async () => {
  const json = JSON.stringify({ ...plainMap, sourceRoot: '../lib' });
  const base64 = Buffer.from(json).toString('base64');
  for (const url of [
    `data:application/json;charset=utf-8;base64,${base64}`,
    `data:application/json,${encodeURIComponent(json)}`,
  ]) {
    await using directory = await temporaryDirectory('symbols');
    const file = await bundle(directory.path, `//# sourceMappingURL=${url}`, {});
    const [mapped] = new FrameMapper(directory.path).mapFrames([at(file)]);
    assert.equal(mapped?.file, path.join(directory.path, 'src/a.ts'));
    assert.equal(mapped?.line, 3);
  }
});

test('an inline map larger than the first piece that is read', async () => {
  await using directory = await temporaryDirectory('symbols');
  const json = JSON.stringify({ ...plainMap, sourcesContent: ['x'.repeat(300_000), ''] });
  const url = `data:application/json;base64,${Buffer.from(json).toString('base64')}`;
  const file = await bundle(directory.path, `//# sourceMappingURL=${url}`, {});
  assert.equal(new FrameMapper(directory.path).mapFrames([at(file)])[0]?.line, 3);
});

test('index maps', async () => {
  await using directory = await temporaryDirectory('symbols');
  const sections = [{ offset: { line: 0, column: 0 }, map: plainMap }];
  const json = JSON.stringify({ version: 3, sections });
  const file = await bundle(directory.path, '//# sourceMappingURL=out.js.map', { 'out.js.map': json });
  assert.equal(new FrameMapper(directory.path).mapFrames([at(file)])[0]?.line, 3);
});

test('an unusable map leaves the frame and is reported once', async () => {
  const cases = [
    ['//# sourceMappingURL=none.map', 'source-map-missing'],
    ['//# sourceMappingURL=out.js.map', 'source-map-damaged', '{"version":3,'],
    ['//# sourceMappingURL=out.js.map', 'source-map-damaged', 'null'],
    ['//# sourceMappingURL=out.js.map', 'source-map-damaged', '{"version":3,"sections":[{}]}'],
    [
      '//# sourceMappingURL=out.js.map',
      'source-map-damaged',
      '{"version":3,"sources":[],"names":[],"mappings":7}',
    ],
    ['//# sourceMappingURL=out.js.map', 'source-map-too-big', ' '.repeat(200_000)],
    ['//# sourceMappingURL=https://example.com/out.js.map', 'source-map-remote'],
    ['//# sourceMappingURL=file://host/out.js.map', 'source-map-missing'],
    ['//# sourceMappingURL=/dev/zero', 'source-map-missing'],
    ['//# sourceMappingURL=data:application/json,%7', 'source-map-damaged'],
    ['//# sourceMappingURL=data:nothing', 'source-map-damaged'],
  ] as const;
  for (const [comment, code, map] of cases) {
    await using directory = await temporaryDirectory('symbols');
    const file = await bundle(directory.path, comment, map === undefined ? {} : { 'out.js.map': map });
    const mapper = new FrameMapper(directory.path, 100_000);
    assert.deepEqual(mapper.mapFrames([at(file), at(file, 3)]), [at(file), at(file, 3)], comment);
    assert.deepEqual(mapper.problems(), [problem(code, 1)], comment);
  }
});

test('frames that are no files, or whose file is no regular one, stay as they are', async () => {
  const names = [
    'node:fs',
    'native',
    'eval at x (/a.js:1:1)',
    '/dev/zero',
    '/dev/tty',
    '/proc/self/mem',
    '/',
    'a.js',
  ];
  const frames = [...names.map((name) => at(name)), { ...at('x'), file: null }, at('/nul\0.js')];
  const mapper = new FrameMapper('/srv');
  assert.deepEqual(mapper.mapFrames(frames), frames);
  assert.deepEqual(mapper.problems(), []);
});

test('frames outside the map, or without a position, stay as they are', async () => {
  await using directory = await temporaryDirectory('symbols');
  const file = await bundle(directory.path, '//# sourceMappingURL=m', { m: JSON.stringify(plainMap) });
  const frames = [at(file, 1, 9), at(file, 1, 0), { ...at(file), line: null }, { ...at(file), column: null }];
  assert.deepEqual(new FrameMapper(directory.path).mapFrames(frames), frames);
});

test('a source on disk that is not the one in the map has no line', async () => {
  await using directory = await temporaryDirectory('symbols');
  const text = 'a source\nof two lines\n';
  const json = JSON.stringify({ ...plainMap, sourcesContent: [text, null] });
  const file = await bundle(directory.path, '//# sourceMappingURL=out.js.map', { 'out.js.map': json });
  const source = path.join(directory.path, 'src/a.ts');
  const dependency = path.join(directory.path, 'node_modules/dep/b.js');
  for (const name of [source, dependency]) await mkdir(path.dirname(name), { recursive: true });
  await writeFile(dependency, 'not in the map');
  const mapped = () => new FrameMapper(directory.path).mapFrames([at(file), at(file, 11)]);
  const exact = [at(source, 5, 3), at(dependency, 5, 4)];
  for (const same of [text, `\uFEFF${text.replaceAll('\n', '\r\n')}`, text.trimEnd()]) {
    await writeFile(source, same);
    assert.deepEqual(mapped(), exact);
  }
  await writeFile(source, `a line before\n${text}`);
  const [first, second] = mapped();
  assert.deepEqual(first, { ...at(source), line: null, column: null, noLine: 'other-source' });
  assert.deepEqual(second, exact[1]);
});

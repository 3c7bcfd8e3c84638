import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, SHARED } from './test-files.ts';

/** A process runs its files one after the other: a group is to end before the others have. */
const FILES_A_GROUP = 6;

/**
 * Tests of one of the folders in `SHARED` as a few files: processes that load their modules once. Their order and
 * their hooks are those of files of their own.
 * @param into where these files are made
 * @returns what is to run
 */
export function groupTests(files: readonly string[], into: string): readonly string[] {
  const groups = new Map<string, string[]>();
  const folders = Map.groupBy(files, (file) => (SHARED.has(file) ? path.dirname(file) : null));
  for (const file of folders.get(null) ?? []) groups.set(file, [file]);
  for (const [folder, members] of folders) {
    if (folder === null) continue;
    const count = Math.ceil(members.length / FILES_A_GROUP);
    for (let group = 0; group < count; group++) {
      const name = path.join(into, `${folder.replaceAll('/', '-')}-${group + 1}.mjs`);
      groups.set(
        name,
        members.filter((_, index) => index % count === group),
      );
    }
  }
  mkdirSync(into, { recursive: true });
  for (const [name, members] of groups) if (!members.includes(name)) writeFileSync(name, textOf(members));
  // The longest of the others mostly wait, and groups mostly compute.
  const alone = [...groups.keys()].filter((name) => files.includes(name));
  const together = [...groups.keys()].filter((name) => !files.includes(name));
  const pairs = alone.flatMap((file, index) => [file, ...together.slice(index, index + 1)]);
  return [...pairs, ...together.slice(alone.length)];
}

function textOf(files: readonly string[]): string {
  const imports = files.map((file) => {
    const url = pathToFileURL(path.join(ROOT, file)).href;
    return `describe(${JSON.stringify(file)}, () => import(${JSON.stringify(url)}));\n`;
  });
  return `import { describe } from 'node:test';\n${imports.join('')}`;
}

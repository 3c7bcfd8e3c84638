import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { describe, test } from 'node:test';
import { ERROR_CODES } from '../src/model/crashmon-error.ts';
import { CHECKOUT } from './support/crashmon.ts';
import { countComputedImports, type Import, importsOf, withoutComments } from './support/imports.ts';

type SourceFile = {
  /** Relative to the checkout. */
  readonly file: string;
  readonly text: string;
  readonly imports: readonly Import[];
};

const CODE = 'src/**/*.{ts,mjs,cjs}';
/** Builtins that neither touch anything outside the process nor wait. */
const PURE_BUILTINS = ['assert', 'buffer', 'crypto', 'path', 'querystring', 'string_decoder', 'url', 'util'];
const NETWORK_BUILTINS = ['dgram', 'dns', 'http', 'http2', 'https', 'net', 'tls'];
const MAY_TOUCH_FILES_AND_PROCESSES = [
  'worker',
  'debugger',
  'exit-watch',
  'symbols',
  'journal',
  'dumps',
  'notify',
  'uplink',
  'portal',
  'agent',
  'host',
  'cli',
];
const MAY_USE_NETWORK = ['dumps', 'notify', 'uplink', 'portal', 'host', 'cli'];
/** The probe lives in the worker's environment and is the only other reader. */
const MAY_READ_ENVIRONMENT = ['agent', 'cli', 'probe'];
/** Which room each dependency is for; the test fails for one that is not listed. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@fastify/compress': ['portal'],
  '@fastify/cookie': ['portal'],
  '@fastify/formbody': ['portal'],
  '@fastify/helmet': ['portal'],
  '@fastify/static': ['portal'],
  '@fastify/swagger': ['portal'],
  '@jridgewell/trace-mapping': ['symbols'],
  'age-encryption': ['dumps'],
  s3mini: ['dumps'],
  commander: ['cli'],
  fastify: ['portal'],
  kysely: ['portal'],
  nodemailer: ['notify'],
  pg: ['portal'],
  picocolors: ['cli'],
  protobufjs: ['portal'],
  'smol-toml': ['cli'],
  uplot: ['portal'],
  zod: ['portal'],
};

const read = (file: string) => readFileSync(path.join(CHECKOUT, file), 'utf8');
const load = (pattern: string, exclude: readonly string[] = []): SourceFile[] =>
  globSync(pattern, { cwd: CHECKOUT, exclude: ['**/node_modules/**', '**/dist/**', ...exclude] }).map(
    (file) => {
      const text = read(file);
      return { file, text, imports: importsOf(text) };
    },
  );

const isTest = ({ file }: SourceFile) => file.includes('.test.');
const roomOf = (file: string) => file.split('/')[1] ?? '';
const all = load(CODE);
const code = all.filter((source) => !isTest(source));
/** All that people write, programs that tests crash excepted. */
const written = [...all, ...load('{test,bench,examples,scripts}/**/*.{ts,mjs,cjs}', ['test/fixtures/**'])];
const rooms = readRooms(read('docs/design.md'));
const portalRooms = readPortalRooms(read('docs/design.md'));

/** The table in docs/design.md is the rule; the third column holds rooms, `name(type)` where only types may be used. */
function readRooms(design: string): Map<string, ReadonlySet<string>> {
  const table = new Map<string, ReadonlySet<string>>();
  for (const [, name = '', mayImport = ''] of design.matchAll(/^\| `([\w-]+)` \|.*\| ([^|]+) \|$/gm)) {
    const everyRoom = [...table.keys(), 'agent', 'cli'];
    if (mayImport === 'anything' || mayImport === 'all of the above') table.set(name, new Set(everyRoom));
    else table.set(name, new Set(mayImport === '–' ? [] : mayImport.split(' ')));
  }
  return table;
}

/** The second table: rooms below `src/portal`, by their folder; `portal` is the folder itself. */
function readPortalRooms(design: string): Map<string, ReadonlySet<string>> {
  const table = new Map<string, ReadonlySet<string>>();
  for (const [, folder = '', mayImport = ''] of design.matchAll(/^\| `portal\/(\S+)` \|.*\| ([^|]+) \|$/gm)) {
    const all = [...table.keys(), 'html', 'fastify', 'zod'];
    table.set(
      folder === '*.ts' ? 'portal' : folder,
      new Set(mayImport === 'all of the above' ? all : mayImport.split(' ')),
    );
  }
  return table;
}

/** The innermost room of the portal that a file is in; null outside of the portal. */
function portalRoomOf(file: string): string | null {
  const folder = /^src\/portal(?:\/(.+))?\/[^/]+$/.exec(file)?.[1];
  if (folder === undefined) return file.startsWith('src/portal/') ? 'portal' : null;
  const around = [...portalRooms.keys()].filter((room) => `${folder}/`.startsWith(`${room}/`));
  return around.toSorted((a, b) => b.length - a.length)[0] ?? folder;
}

/** What the second table calls an import: a room of the portal, `html`, or a package; null: the table says nothing. */
function portalNameOf(file: string, specifier: string): string | null {
  if (!isRelative(specifier)) {
    const [, plugin, name = ''] = /^(@fastify\/)?([^/]+)/.exec(specifier) ?? [];
    return plugin === undefined ? name : 'fastify';
  }
  const imported = target(file, specifier);
  return imported === 'src/formats/html.ts' ? 'html' : portalRoomOf(imported);
}

function violations(files: readonly SourceFile[], find: (source: SourceFile) => readonly string[]): string[] {
  return files.flatMap((source) => find(source).map((what) => `${source.file}: ${what}`));
}

const isRelative = (specifier: string) => specifier.startsWith('.');
const target = (from: string, specifier: string) => path.join(path.dirname(from), specifier);
const builtinName = (specifier: string) => specifier.replace(/^node:/, '').split('/')[0] ?? '';
const packageName = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

describe('this test', () => {
  test('sees every file there is', () => {
    const onDisk = execFileSync(
      'find',
      ['src', '-name', '*.ts', '-o', '-name', '*.mjs', '-o', '-name', '*.cjs'],
      {
        cwd: CHECKOUT,
        encoding: 'utf8',
      },
    );
    assert.deepEqual(all.map(({ file }) => file).toSorted(), onDisk.trim().split('\n').toSorted());
    assert.ok(code.length >= 20, `saw only ${code.length} files`);
  });

  test('understands their imports', () => {
    for (const { file, text, imports } of all) {
      const keywords =
        withoutComments(text).match(/^(?:import\b(?![.(])|export\b.*\bfrom\s*['"])/gm)?.length ?? 0;
      assert.ok(imports.length >= keywords, `${file}: ${keywords} statements, ${imports.length} understood`);
    }
    const known = new Set(all.map(({ file }) => file));
    const unknown = violations(code, ({ file, imports }) =>
      imports
        .map(({ specifier }) => specifier)
        .filter((specifier) => isRelative(specifier) && !known.has(target(file, specifier))),
    );
    assert.deepEqual(unknown, []);
  });

  test('finds a room in the table for every folder and the other way round', () => {
    assert.deepEqual(
      [...new Set(all.map(({ file }) => roomOf(file)))].toSorted(),
      [...rooms.keys()].toSorted(),
    );
  });
});

describe('rooms of the portal', () => {
  const portal = all.filter(({ file }) => portalRoomOf(file) !== null);

  test('are the ones in the table', () => {
    assert.ok(portal.length >= 100, `saw only ${portal.length} files`);
    assert.deepEqual(
      [...new Set(portal.map(({ file }) => portalRoomOf(file)))].toSorted(),
      [...portalRooms.keys()].toSorted(),
    );
  });

  test('import only what the table allows', () => {
    const packages = ['fastify', 'zod', 'kysely', 'pg', 'protobufjs'];
    let seen = 0;
    const wrong = violations(
      portal.filter((source) => !isTest(source)),
      ({ file, imports }) => {
        const room = portalRoomOf(file) ?? '';
        const may = portalRooms.get(room) ?? new Set();
        return imports.flatMap(({ specifier, typeOnly }) => {
          const name = portalNameOf(file, specifier);
          if (name === null || name === room) return [];
          if (!portalRooms.has(name) && name !== 'html' && !packages.includes(name)) return [];
          seen++;
          const byFile = target(file, specifier).replace('src/portal/', '');
          const isAllowed = may.has(name) || may.has(byFile) || (typeOnly && may.has(`${name}(type)`));
          return isAllowed ? [] : [`${room} may not import ${specifier}`];
        });
      },
    );
    assert.ok(seen >= 100, `saw only ${seen} imports`);
    assert.deepEqual(wrong, []);
  });
});

describe('rooms', () => {
  test('import only the rooms they may', () => {
    const wrong = violations(code, ({ file, imports }) => {
      const room = roomOf(file);
      const may = rooms.get(room) ?? new Set();
      return imports
        .filter(({ specifier }) => isRelative(specifier))
        .filter(({ specifier, typeOnly }) => {
          const other = roomOf(target(file, specifier));
          return other !== room && !may.has(other) && !(typeOnly && may.has(`${other}(type)`));
        })
        .map(({ specifier }) => `${room} may not import ${specifier}`);
    });
    assert.deepEqual(wrong, []);
  });

  test('touch files, processes and the network only where they may', () => {
    const wrong = violations(code, ({ file, imports }) => {
      const room = roomOf(file);
      if (room === 'probe') return [];
      return imports
        .filter(({ specifier }) => isBuiltin(specifier))
        .map(({ specifier }) => builtinName(specifier))
        .filter((name) => {
          if (PURE_BUILTINS.includes(name)) return false;
          const allowed = NETWORK_BUILTINS.includes(name) ? MAY_USE_NETWORK : MAY_TOUCH_FILES_AND_PROCESSES;
          return !allowed.includes(room);
        })
        .map((name) => `${room} may not use node:${name}`);
    });
    assert.deepEqual(wrong, []);
  });

  test('use only the packages that are theirs', () => {
    const { dependencies } = JSON.parse(read('package.json'));
    assert.deepEqual(Object.keys(PACKAGES).toSorted(), Object.keys(dependencies).toSorted());
    const wrong = violations(code, ({ file, imports }) =>
      imports
        .map(({ specifier }) => specifier)
        .filter((specifier) => !isRelative(specifier) && !isBuiltin(specifier))
        .filter((specifier) => !PACKAGES[packageName(specifier)]?.includes(roomOf(file))),
    );
    assert.deepEqual(wrong, []);
  });

  test('read the environment and the arguments only at the edge', () => {
    const inner = code.filter(({ file }) => !MAY_READ_ENVIRONMENT.includes(roomOf(file)));
    const wrong = violations(
      inner,
      ({ text }) => withoutComments(text).match(/\bprocess\.(?:env|argv)\b/g) ?? [],
    );
    assert.deepEqual(wrong, []);
  });

  test('leave making a redacted report to privacy', () => {
    const others = all.filter(({ file }) => roomOf(file) !== 'privacy');
    const cast =
      /\bas\s+(?:\w+\s+as\s+)?(?:readonly\s+)?RedactedReport\b|<RedactedReport>\s*[({]|madeByRedaction\]\s*:\s*true,/g;
    assert.deepEqual(
      violations(others, ({ text }) => withoutComments(text).match(cast) ?? []),
      [],
    );
  });
});

test('the probe needs nothing but Node', () => {
  const probe = code.filter(({ file }) => roomOf(file) === 'probe');
  const wrong = violations(probe, ({ file, imports }) =>
    imports
      .map(({ specifier }) => specifier)
      .filter(
        (specifier) =>
          !isBuiltin(specifier) && !(isRelative(specifier) && roomOf(target(file, specifier)) === 'probe'),
      ),
  );
  assert.deepEqual(wrong, []);
  assert.deepEqual(
    probe.filter(({ file }) => !file.endsWith('.cjs')),
    [],
    'the probe is CommonJS, so that --require can load it everywhere',
  );
});

test('no file imports itself by a detour', () => {
  const graph = new Map(
    code.map(({ file, imports }) => [
      file,
      imports
        .filter(({ specifier }) => isRelative(specifier))
        .map(({ specifier }) => target(file, specifier)),
    ]),
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) {
      cycles.push([...trail.slice(trail.indexOf(file)), file].join(' → '));
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  assert.deepEqual(cycles, []);
});

describe('every file', () => {
  test('names what it exports', () => {
    const wrong = violations(
      written,
      ({ text }) => withoutComments(text).match(/^export (?:default\b|\*).*/gm) ?? [],
    );
    assert.deepEqual(wrong, []);
  });

  test('names what it imports', () => {
    // The entry chooses between source and build, as a test's program does, and what tests start between verbs; the unit
    // tests and the tests of a folder are lists.
    const computed = [
      'scripts/bundle-crashmon.ts',
      'scripts/group-tests.ts',
      'scripts/unit-tests.ts',
      'src/cli/start/prepare-process.mjs',
      'test/support/cli/run-lines.mjs',
    ];
    const others = written.filter(
      ({ file }) => !computed.includes(file) && !isTest({ file, text: '', imports: [] }),
    );
    const wrong = violations(others, ({ text }) =>
      countComputedImports(text) > 0 ? ['computed import'] : [],
    );
    assert.deepEqual(wrong, []);
  });

  test('is called in kebab-case', () => {
    const wrong = written.filter(
      ({ file }) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)+$/.test(path.basename(file)),
    );
    assert.deepEqual(
      wrong.map(({ file }) => file),
      [],
    );
  });

  test('has at most 400 lines', () => {
    const wrong = violations(written, ({ file, text }) => {
      const lines = text.split('\n').length - 1;
      return lines > 400 && !file.includes('/bundled/') ? [`${lines} lines`] : [];
    });
    assert.deepEqual(wrong, []);
  });
});

describe('documents', () => {
  test('errors.md lists exactly the codes there are', () => {
    const listed = Array.from(
      read('docs/errors.md').matchAll(/^\| `?([A-Z][A-Z_]+)`? \|/gm),
      (match) => match[1],
    );
    assert.deepEqual(listed.toSorted(), [...ERROR_CODES].toSorted());
  });

  test('dependencies.md gives a reason for exactly the dependencies there are', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json'));
    const listed = Array.from(
      read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \|/gm),
      (match) => match[1],
    );
    assert.deepEqual(listed.toSorted(), Object.keys({ ...dependencies, ...devDependencies }).toSorted());
  });
});

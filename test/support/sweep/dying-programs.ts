import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { CHECKOUT } from '../crashmon.ts';
import { IS_COMPLETE } from '../matrix.ts';
import { nodeBinary } from '../node-versions.ts';

/** Ways to crash, one after the other below one crashmon. */
export type Dying = {
  name: string;
  armed: boolean;
  commands: string[][];
  /** The first one crashes once this file is there. A session is to be started before. */
  sessionBefore?: string;
};

export const PROGRAMS: string = path.join(CHECKOUT, 'test/fixtures/sweep');

const NODE_WAYS = [
  ...['request', 'aggregate', 'rejection', 'rejected-string', 'string', 'object', 'symbol', 'bigint'],
  ...['null-prototype', 'proxy', 'subclass', 'getters', 'encoded', 'computed', 'evaluated', 'emitter'],
  ...['emitted-text', 'assertion', 'json', 'file', 'module', 'handler', 'exit', 'abort', 'segv', 'overflow'],
  ...['heap', 'uncloned'],
];

/** Private logs beyond ten are deleted. */
const AT_ONCE = 8;

/** In the suite some, in `npm run test:all` each, armed and unarmed. */
export function dyingPrograms(): Dying[] {
  if (!IS_COMPLETE) {
    const armed = [node('request'), ['./dies-cpp', 'pointer'], ['/usr/bin/python3', 'dies.py', 'group']];
    const unarmed = [
      node('aggregate'),
      ['ruby', 'dies.rb', 'raise'],
      ['php', '-d', 'log_errors=1', 'dies.php', 'throw'],
    ];
    return [
      { name: 'web-armed', armed: true, commands: armed },
      { name: 'web-unarmed', armed: false, commands: unarmed },
    ];
  }
  const all = [
    ...NODE_WAYS.map(node),
    ...([18, 20, 26] as const).flatMap((major) =>
      ways(['request', 'object', 'subclass'], [nodeBinary(major).path, 'dies.cjs']),
    ),
    ...ways(['group', 'named', 'chain', 'segv'], ['/usr/bin/python3', '-X', 'faulthandler', 'dies.py']),
    ...ways(['raise', 'throw', 'segv'], ['ruby', 'dies.rb']),
    ...ways(['object', 'blessed', 'confess'], ['perl', 'dies.pl']),
    ...ways(['throw', 'error', 'memory'], ['php', '-d', 'log_errors=1', 'dies.php']),
    ...ways(['throw'], ['java', '-cp', '.', 'Dies']),
    ...ways(['text', 'error', 'nil'], ['./dies-go']),
    ...ways(['expect'], ['./dies-rust']),
    ...ways(['throw', 'abort', 'free', 'pointer', 'null'], ['./dies-cpp']),
  ];
  return [true, false].flatMap((armed) =>
    Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, at) => ({
      name: `web-${armed ? 'armed' : 'unarmed'}-${at}`,
      armed,
      commands: all.slice(at * AT_ONCE, (at + 1) * AT_ONCE),
    })),
  );
}

/**
 * Crashes in a session: one fills V8's heap, of which a snapshot and a dump are kept, and one the memory of a cgroup.
 * @param procs of the cgroup
 */
export function inSession(go: string, procs: string): Dying {
  return {
    ...{ name: 'web-session', armed: true, sessionBefore: go },
    commands: [
      [...node('waits'), go],
      ['./dies-cpp', 'pointer'],
      [process.execPath, '--max-old-space-size=80', 'dies.cjs', 'grows'],
      ['sh', '-c', 'echo $$ > "$0"; exec "$@"', procs, '/usr/bin/python3', 'dies.py', 'memory'],
    ],
  };
}

/** A worker that is the next of the commands at each start, and after the last one stays. */
export function inTurn(commands: readonly string[][], counter: string): string[] {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const cases = commands.map((command, at) => `${at}) exec ${command.map(quoted).join(' ')} "$@" ;;`);
  const script = `n=$(cat ${quoted(counter)} 2> /dev/null || echo 0); echo $((n + 1)) > ${quoted(counter)}
case $n in ${cases.join('\n')} *) exec sleep 6000 ;; esac`;
  return ['sh', '-c', script, 'sh'];
}

function node(way: string): string[] {
  // A small heap, for the way that fills it.
  return [process.execPath, '--max-old-space-size=40', 'dies.cjs', way];
}

function ways(each: readonly string[], command: readonly string[]): string[][] {
  return each.map((way) => [...command, way]);
}

/** Copies the programs to a directory, and compiles those that are needed. */
export async function prepare(directory: string, programs: readonly Dying[]): Promise<void> {
  await cp(PROGRAMS, directory, { recursive: true });
  const env = { ...process.env, GOCACHE: path.join(directory, '.go'), GOTOOLCHAIN: 'local', GOPROXY: 'off' };
  const compilers: Record<string, string[]> = {
    './dies-cpp': ['g++', '-g', '-O0', '-o', 'dies-cpp', 'dies.cpp'],
    './dies-go': ['go', 'build', '-o', 'dies-go', 'dies.go'],
    './dies-rust': ['rustc', '-g', '-o', 'dies-rust', 'dies.rs'],
    java: ['java', '-m', 'jdk.compiler/com.sun.tools.javac.Main', 'Dies.java'],
  };
  for (const [program, [compiler = '', ...args]] of Object.entries(compilers)) {
    if (programs.some(({ commands }) => commands.some(([first]) => first === program)))
      await promisify(execFile)(compiler, args, { cwd: directory, env });
  }
}

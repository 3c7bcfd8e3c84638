import { basename } from 'node:path';
import type { DumpKind } from '../model/dump.ts';
import type { ObservedProgram } from '../model/observed-program.ts';
import { type JvmOptions, jvmOptions } from './java-class/jvm-options.ts';

/** A file that a runtime writes at its end: the names that it can have, of which the first that is there counts, and how it begins. */
export type RuntimeFile = { kind: Exclude<DumpKind, 'core'>; paths: string[]; begins: RegExp };

type Program = Pick<ObservedProgram, 'runtime' | 'executable'> & { args: readonly string[] };
type Environment = Readonly<Record<string, string | undefined>>;

/** The JVM takes options from these, too; what comes later counts. */
const JVM_VARIABLES = ['JAVA_TOOL_OPTIONS', 'JDK_JAVA_OPTIONS', '_JAVA_OPTIONS'];

/**
 * Paths are absolute, or relative to the working directory. Sources: java(1) (ErrorFile, HeapDumpPath); "Collect dumps on crash" of the
 * documentation of .NET (DbgMiniDumpName).
 * @param pid as its own pid namespace numbers it
 * @param env of the program, as far as it is known
 */
export function runtimeFiles(program: Program, pid: number, env: Environment): RuntimeFile[] {
  if (program.runtime === 'java') return filesOfJava(program, pid, env);
  return program.runtime === 'dotnet' ? [dumpOfDotnet(program, pid, env)] : [];
}

/** Where `hs_err_pid<pid>.log` can be. */
export function fatalErrorLogs({ errorFile }: Pick<JvmOptions, 'errorFile'>, pid: number): string[] {
  const name = `hs_err_pid${pid}.log`;
  return [...(errorFile === null ? [] : [withPid(errorFile, pid)]), name, `/tmp/${name}`];
}

function filesOfJava({ args }: Program, pid: number, env: Environment): RuntimeFile[] {
  const words = JVM_VARIABLES.flatMap((name) => (env[name] ?? '').split(/\s+/).filter(Boolean));
  const [given, set] = [args, ['java', ...words]].map(jvmOptions) as [JvmOptions, JvmOptions];
  const heapDumpPath = given.heapDumpPath ?? set.heapDumpPath;
  const name = `java_pid${pid}.hprof`;
  const heapDumps = heapDumpPath === null ? [name] : [`${heapDumpPath}/${name}`, withPid(heapDumpPath, pid)];
  return [
    { kind: 'java-heap', paths: heapDumps, begins: /^JAVA PROFILE 1\.0/ },
    {
      kind: 'java-error',
      paths: fatalErrorLogs({ errorFile: given.errorFile ?? set.errorFile }, pid),
      begins: /^#\n# (?:A fatal error has been detected by|There is insufficient memory for) the Java/,
    },
  ];
}

/** An ELF core, unless `DbgMiniDumpType` asks for another form. */
function dumpOfDotnet({ executable }: Program, pid: number, env: Environment): RuntimeFile {
  const set = env.DOTNET_DbgMiniDumpName ?? env.COMPlus_DbgMiniDumpName;
  const name = set?.replaceAll(/%([%pde])/g, (_, what) =>
    what === '%' ? '%' : what === 'e' ? basename(executable) : `${pid}`,
  );
  return {
    kind: 'dotnet-dump',
    paths: [...(name === undefined ? [] : [name]), `/tmp/coredump.${pid}`],
    begins: /^\x7fELF/,
  };
}

function withPid(path: string, pid: number): string {
  return path.replaceAll('%p', `${pid}`).replaceAll('%%', '%');
}

/** Options of `java` whose value is the next argument, beside those read here. */
const WITH_VALUE: ReadonlySet<string> = new Set([
  ...[
    '--upgrade-module-path',
    '--add-modules',
    '--limit-modules',
    '--patch-module',
    '--add-reads',
    '--add-exports',
  ],
  ...['--add-opens', '--enable-native-access', '-d', '--describe-module', '--source'],
]);

/** What a `java` command line says about where classes are, and what the JVM does at its end. */
export type JvmOptions = {
  /** The default is the working directory. */
  classPath: string;
  modulePath: string;
  jar: string | null;
  /** `-XX:ErrorFile=`, in which `%p` stands for the process ID. */
  errorFile: string | null;
  /** `-XX:HeapDumpPath=`, a file or a directory. */
  heapDumpPath: string | null;
};

/** Reads the options of `java`; those of the app, which follow its main class, are not looked at. */
export function jvmOptions(args: readonly string[]): JvmOptions {
  const found: JvmOptions = { classPath: '', modulePath: '', jar: null, errorFile: null, heapDumpPath: null };
  for (let at = 1; at < args.length; at++) {
    const arg = args[at] ?? '';
    const [name, value] =
      arg.startsWith('--') && arg.includes('=') ? splitAt(arg, arg.indexOf('=')) : [arg, null];
    if (!name.startsWith('-')) break;
    const take = () => value ?? args[++at] ?? '';
    if (name === '-jar') return { ...found, jar: take(), classPath: found.classPath };
    if (name === '-m' || name === '--module') break;
    if (name === '-cp' || name === '-classpath' || name === '--class-path') found.classPath = take();
    else if (name === '-p' || name === '--module-path') found.modulePath = take();
    else if (name.startsWith('-XX:ErrorFile=')) found.errorFile = name.slice('-XX:ErrorFile='.length);
    else if (name.startsWith('-XX:HeapDumpPath='))
      found.heapDumpPath = name.slice('-XX:HeapDumpPath='.length);
    else if (WITH_VALUE.has(name)) take();
  }
  return found;
}

function splitAt(text: string, at: number): [string, string] {
  return [text.slice(0, at), text.slice(at + 1)];
}

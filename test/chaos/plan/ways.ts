/** What the kernel reports of the end of a process. */
export type Ending = { code: number } | { signal: string };

/** A way for a worker to end. */
export type Way = {
  language: Language;
  name: string;
  ending: Ending;
  /** Is it a crash that crashmon counts? */
  counted: boolean;
  /** Needs a memory limit. */
  needsLimit?: true;
};

export type Language = 'node' | 'python' | 'ruby' | 'perl' | 'c' | 'go' | 'java' | 'wsgi' | Master;
/** Programs whose workers are other processes; those of gunicorn are `wsgi`. */
export type Master = 'cluster' | 'gunicorn';

const code = (value: number): Ending => ({ code: value });
const signal = (name: string): Ending => ({ signal: name });
const of =
  (language: Language) =>
  (name: string, ending: Ending, counted: boolean): Way => ({ language, name, ending, counted });
const [node, python, ruby, perl, c] = [of('node'), of('python'), of('ruby'), of('perl'), of('c')];
const [go, java, wsgi, cluster, gunicorn] = [of('go'), of('java'), of('wsgi'), of('cluster'), of('gunicorn')];

/** What test/fixtures/chaos/ends.*, cluster.cjs and served.py do. */
export const WAYS: readonly Way[] = [
  node('throw', code(1), true),
  node('reject', code(1), true),
  node('handled', code(1), true),
  node('exit', code(3), true),
  node('clean', code(0), false),
  node('abort', signal('SIGABRT'), true),
  node('segv', signal('SIGSEGV'), true),
  node('heap', signal('SIGABRT'), true),
  node('kill', signal('SIGKILL'), false),
  { ...node('oom', signal('SIGKILL'), true), needsLimit: true },
  python('throw', code(1), true),
  python('exit', code(4), true),
  python('clean', code(0), false),
  python('abort', signal('SIGABRT'), true),
  python('segv', signal('SIGSEGV'), true),
  python('kill', signal('SIGKILL'), false),
  { ...python('oom', signal('SIGKILL'), true), needsLimit: true },
  ruby('throw', code(1), true),
  ruby('exit', code(5), true),
  ruby('clean', code(0), false),
  ruby('kill', signal('SIGKILL'), false),
  perl('throw', code(255), true),
  perl('exit', code(6), true),
  perl('clean', code(0), false),
  perl('segv', signal('SIGSEGV'), true),
  perl('kill', signal('SIGKILL'), false),
  c('segv', signal('SIGSEGV'), true),
  c('abort', signal('SIGABRT'), true),
  c('divide', signal('SIGFPE'), true),
  c('exit', code(7), true),
  c('clean', code(0), false),
  c('kill', signal('SIGKILL'), false),
  { ...c('oom', signal('SIGKILL'), true), needsLimit: true },
  go('throw', code(2), true),
  go('nil', code(2), true),
  go('exit', code(8), true),
  go('clean', code(0), false),
  go('kill', signal('SIGKILL'), false),
  java('throw', code(1), true),
  java('exit', code(9), true),
  java('halt', code(10), true),
  java('clean', code(0), false),
  cluster('throw', code(1), true),
  cluster('exit', code(3), true),
  cluster('clean', code(0), false),
  cluster('segv', signal('SIGSEGV'), true),
  cluster('kill', signal('SIGKILL'), false),
  wsgi('throw', code(1), true),
  wsgi('exit', code(9), true),
  wsgi('clean', code(0), false),
  wsgi('segv', signal('SIGSEGV'), true),
  wsgi('kill', signal('SIGKILL'), false),
  gunicorn('exit', code(9), true),
  gunicorn('clean', code(0), false),
  gunicorn('segv', signal('SIGSEGV'), true),
  gunicorn('kill', signal('SIGKILL'), false),
];

export function wayOf(language: string, name: string): Way {
  const found = WAYS.find((way) => way.language === language && way.name === name);
  if (found === undefined) throw new Error(`no way to end: ${language} ${name}`);
  return found;
}

export function nameOf(ending: Ending): string {
  return 'code' in ending ? `exit ${ending.code}` : ending.signal;
}

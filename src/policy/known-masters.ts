import type { ProcessFacts } from '../model/process-facts.ts';

/** A program that starts workers and starts them again. */
export type KnownMaster = {
  /** As it is shown and sent. */
  name: string;
  /** A worker is a fork: until it is this old, it can be a helper that has not executed its program yet. */
  forks: boolean;
  isMaster: (process: ProcessFacts) => boolean;
  isWorker: (child: ProcessFacts, master: ProcessFacts) => boolean;
};

/** Source: the servers themselves (see the tests of each); title and program only, never what they print. */
const MASTERS: readonly KnownMaster[] = [
  {
    name: 'gunicorn',
    forks: true,
    isMaster: (process) =>
      titleOf(process).startsWith('gunicorn: master [') || runs(process, PYTHON, /^gunicorn\d*$/),
    isWorker: (child, master) => titleOf(child).startsWith('gunicorn: worker [') || isFork(child, master),
  },
  {
    name: 'uvicorn',
    forks: false,
    isMaster: (process) => runs(process, PYTHON, /^(?:uvicorn|fastapi)$/),
    isWorker: ({ program, args }) => PYTHON.test(program) && args.includes('--multiprocessing-fork'),
  },
  {
    name: 'puma',
    forks: false,
    isMaster: (process) => /^puma \d/.test(titleOf(process)) || runs(process, RUBY, /^puma$/),
    isWorker: (child) => /^puma: cluster worker \d/.test(titleOf(child)),
  },
  {
    name: 'unicorn',
    forks: false,
    isMaster: (process) =>
      /^unicorn\w* master\b/.test(titleOf(process)) || runs(process, RUBY, /^unicorn\w*$/),
    isWorker: (child) => /^unicorn\w* worker\[/.test(titleOf(child)),
  },
  {
    name: 'php-fpm',
    forks: false,
    isMaster: (process) => titleOf(process).startsWith('php-fpm: master process'),
    isWorker: (child) => titleOf(child).startsWith('php-fpm: pool '),
  },
  {
    name: 'nginx',
    forks: false,
    isMaster: (process) => titleOf(process).startsWith('nginx: master process'),
    isWorker: (child) => titleOf(child).startsWith('nginx: worker process'),
  },
  {
    name: 'celery',
    forks: true,
    isMaster: (process) => runs(process, PYTHON, /^celery$/),
    isWorker: isFork,
  },
  {
    name: 'apache2',
    forks: true,
    isMaster: ({ program }) => /^(?:apache2|httpd)$/.test(program),
    isWorker: isFork,
  },
  {
    name: 'PM2',
    forks: false,
    isMaster: (process) =>
      /^PM2 v\d/.test(titleOf(process)) || runs(process, NODE, /^pm2-(?:runtime|docker)$/),
    isWorker: ({ marks }) => marks.has('pm_id'),
  },
];

/** Any Node can start a cluster, at any time. */
const NODE_CLUSTER: KnownMaster = {
  name: 'node cluster',
  forks: false,
  isMaster: ({ program }) => NODE.test(program),
  isWorker: ({ program, marks }) => NODE.test(program) && marks.has('NODE_UNIQUE_ID'),
};

const PYTHON = /^(?:python|pypy)[-\d.]*[dmt]?$/;
const RUBY = /^(?:ruby|jruby)[-\d.]*$/;
const NODE = /^node(?:js)?[-\d.]*$/;

/** The known master that a process is; null if it is none. A plain Node.js counts as the master of a cluster. */
export function masterOf(process: ProcessFacts): KnownMaster | null {
  return serverOf(process) ?? (NODE_CLUSTER.isMaster(process) ? NODE_CLUSTER : null);
}

/** Does it serve HTTP, or what a web server in front of it passes on? */
export function isWebServer({ name }: KnownMaster): boolean {
  return name !== 'celery' && name !== 'PM2';
}

/** The same without a plain Node.js, which can also be a wrapper. */
export function serverOf(process: ProcessFacts): KnownMaster | null {
  return MASTERS.find(({ isMaster }) => isMaster(process)) ?? null;
}

/** Does `--children NAME` mean this process? By its program, or by the script that an interpreter runs. */
export function isNamed({ program, args }: ProcessFacts, name: string): boolean {
  return program === name || fileName(args[0] ?? '') === name || fileName(scriptOf(args)) === name;
}

/** Programs that write their title over their command line leave one argument, and empty ones. */
function titleOf({ args }: ProcessFacts): string {
  return args[0] ?? '';
}

/** Forked by its parent, without executing another program. */
function isFork(child: ProcessFacts, parent: ProcessFacts): boolean {
  return child.program === parent.program && child.args.join('\0') === parent.args.join('\0');
}

/** Does this interpreter run a script, or with `-m` a module, of this name? */
function runs({ program, args }: ProcessFacts, interpreter: RegExp, script: RegExp): boolean {
  return interpreter.test(program) && script.test(fileName(scriptOf(args)));
}

/** The first argument that is no option; options with a value of their own are rare before a server. */
function scriptOf(args: readonly string[]): string {
  return args.slice(1).find((arg) => !arg.startsWith('-')) ?? '';
}

/** `gunicorn` of `/usr/bin/gunicorn`, `pm2-runtime` of `…/bin/pm2-runtime.js`. */
function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.[cm]?js$/, '');
}

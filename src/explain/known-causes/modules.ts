import { all, hasCode, inNode } from './conditions.ts';
import type { CatalogEntry } from './known-cause.ts';

export const MODULES: readonly CatalogEntry[] = [
  {
    id: 'module-not-found',
    title: 'A module was not found',
    matches: hasCode('MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'),
    meaning:
      'Node.js could not find a module that the app loads. It was not installed or not deployed, its name differs in case, or an ES module import lacks the file extension.',
    steps: [
      'Install the dependencies from the lock file where the app runs, with npm ci.',
      'Move it from devDependencies to dependencies if it is needed at run time.',
      'Compare the spelling of the path with the file, including the extension.',
    ],
    link: 'https://nodejs.org/api/errors.html#err_module_not_found',
  },
  {
    id: 'require-of-es-module',
    title: 'An ES module was loaded with require',
    matches: hasCode('ERR_REQUIRE_ESM', 'ERR_REQUIRE_ASYNC_MODULE'),
    meaning:
      'A package or file is an ES module, and this version of Node.js cannot load it with require, or it has a top-level await.',
    steps: [
      'Load it with a dynamic import, or turn the loading file into an ES module.',
      'Or use the last CommonJS version of the package, or a newer Node.js.',
    ],
    link: 'https://nodejs.org/api/errors.html#err_require_esm',
  },
  {
    id: 'export-missing',
    title: 'An imported name is not exported',
    matches: all(
      ({ exceptionType }) => exceptionType === 'SyntaxError',
      inNode(/instantiate/i, /^node:internal\/modules\/esm\/module_job$/),
    ),
    meaning:
      'An ES module imports a name that the imported module does not export. Node.js detects this before any app code runs. Often only some of the files were deployed.',
    steps: [
      'Open the import at the crash location, and compare its names with the exports of the module.',
      'Deploy all files of one build together, and install dependencies from the lock file.',
      'From a CommonJS module, import the default, and read the names from it.',
    ],
    link: 'https://nodejs.org/api/esm.html#commonjs-namespaces',
  },
  {
    id: 'syntax-error-in-file',
    title: 'A file is not valid JavaScript',
    matches: all(
      ({ exceptionType }) => exceptionType === 'SyntaxError',
      inNode(
        /^(?:compileSourceTextModule|wrapSafe|(?:ModuleLoader\.|ESMLoader\.)?moduleStrategy)$/,
        /^node:internal\/modules\//,
      ),
    ),
    meaning:
      'Node.js could not parse a file that the app loads. The crash location is where the parser stopped; the error is there or before it.',
    steps: [
      'Open the file at the crash location; the private log has the exact message.',
      'Check whether the file is truncated or contains merge conflict markers.',
      'Run node --check or a linter on every file in the build.',
      'If the syntax is too new for this Node.js, update Node.js or compile for it.',
    ],
    link: null,
  },
  {
    id: 'addon-for-other-node',
    title: 'A native add-on was built for another Node.js',
    matches: (facts) => hasCode('ERR_DLOPEN_FAILED')(facts) && facts.addon?.forOtherNode === true,
    meaning:
      'Node.js could not load the native code of a dependency, because it was built for another Node.js version (NODE_MODULE_VERSION).',
    steps: [
      'Run npm rebuild for {package} with the Node.js that runs the app.',
      'Install dependencies in the image of the app, not on another machine.',
      'Check the Node.js version of the instance with node --version.',
    ],
    link: 'https://nodejs.org/api/errors.html#err_dlopen_failed',
  },
  {
    id: 'native-addon-not-loaded',
    title: 'A native add-on could not be loaded',
    matches: hasCode('ERR_DLOPEN_FAILED'),
    meaning:
      'A dependency with native code does not match this system: a shared library is missing, or it was built for another Node.js (NODE_MODULE_VERSION), CPU or C library.',
    steps: [
      'Read the exact reason in the private log.',
      'Install dependencies in the image of the app with its Node.js, or run npm rebuild there.',
      'For a missing library, run ldd on the .node file and install the package that provides it.',
    ],
    link: 'https://nodejs.org/api/errors.html#err_dlopen_failed',
  },
  {
    id: 'command-not-found',
    title: 'The command or a shared library was not found',
    matches: ({ kind, status, frames }) =>
      kind === 'exit' && status.type === 'code' && status.code === 127 && frames.length === 0,
    meaning:
      'Exit code 127 means that a shell did not find a command, or that the loader did not find a shared library.',
    steps: [
      'Read the last lines of standard error: they name the command or library.',
      'Install it in the image, or add its directory to PATH.',
    ],
    link: 'https://man7.org/linux/man-pages/man8/ld.so.8.html',
  },
];

import { all, hasCode, inNode } from './conditions.ts';
import type { CatalogueEntry } from './known-cause.ts';

export const MODULES: readonly CatalogueEntry[] = [
  {
    id: 'module-not-found',
    title: 'A module was not found',
    matches: hasCode('MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'),
    meaning:
      'Node could not find a module that the app loads. It was not installed or not deployed, its name differs in upper and lower case, or an import of an ES module lacks the ending.',
    steps: [
      'Install the dependencies from the lock file where the app runs, with npm ci.',
      'Move it from devDependencies to dependencies if it is needed at run time.',
      'Compare the spelling of the path with the file, ending included.',
    ],
    link: 'https://nodejs.org/api/errors.html#err_module_not_found',
  },
  {
    id: 'require-of-es-module',
    title: 'An ES module was loaded with require',
    matches: hasCode('ERR_REQUIRE_ESM', 'ERR_REQUIRE_ASYNC_MODULE'),
    meaning:
      'A package or file is an ES module, and this version of Node cannot load it with require, or not one that awaits at its top level.',
    steps: [
      'Load it with a dynamic import, or make the file that loads it an ES module.',
      'Or use the last version of the package that is CommonJS, or a newer Node.',
    ],
    link: 'https://nodejs.org/api/errors.html#err_require_esm',
  },
  {
    id: 'export-missing',
    title: 'An import that the module does not export',
    matches: all(
      ({ exceptionType }) => exceptionType === 'SyntaxError',
      inNode(/instantiate/i, /^node:internal\/modules\/esm\/module_job$/),
    ),
    meaning:
      'An ES module imports a name that the imported module does not export. That is seen before any code of the app runs. It often means that only part of the files was deployed.',
    steps: [
      'Open the import at the place of the crash, and compare its names with what the module exports.',
      'Deploy all files of one build together, and install dependencies from the lock file.',
      'Of a CommonJS module import the default, and take the names from it.',
    ],
    link: 'https://nodejs.org/api/esm.html#commonjs-namespaces',
  },
  {
    id: 'syntax-error-in-file',
    title: 'A file is no valid JavaScript',
    matches: all(
      ({ exceptionType }) => exceptionType === 'SyntaxError',
      inNode(
        /^(?:compileSourceTextModule|wrapSafe|(?:ModuleLoader\.|ESMLoader\.)?moduleStrategy)$/,
        /^node:internal\/modules\//,
      ),
    ),
    meaning:
      'Node could not parse a file that the app loads. The place of the crash is where the parser stopped, so the mistake is there or before it.',
    steps: [
      'Open the file at the place of the crash; the private log has the exact message.',
      'Check whether the file was cut, or has marks of a merge in it.',
      'Let the build run node --check on every file, or a linter.',
      'If the syntax is newer than this Node, update Node or compile for it.',
    ],
    link: null,
  },
  {
    id: 'addon-for-other-node',
    title: 'A native add-on was built for another Node.js',
    matches: (facts) => hasCode('ERR_DLOPEN_FAILED')(facts) && facts.addon?.forOtherNode === true,
    meaning:
      'Node refused to load the machine code of a dependency, because it was built for another version of Node (NODE_MODULE_VERSION).',
    steps: [
      'Run npm rebuild with the Node that runs the app, for {package}.',
      'Install dependencies in the image that the app runs in, not on another machine.',
      'Check which Node the instance starts, with node --version.',
    ],
    link: 'https://nodejs.org/api/errors.html#err_dlopen_failed',
  },
  {
    id: 'native-addon-not-loaded',
    title: 'A native add-on could not be loaded',
    matches: hasCode('ERR_DLOPEN_FAILED'),
    meaning:
      'A dependency with machine code does not fit where it runs: a shared library that it needs is missing, or it was built for another Node (NODE_MODULE_VERSION), processor or C library.',
    steps: [
      'Read in the private log which of these it was.',
      'Install dependencies with the Node and in the image that the app runs in, or run npm rebuild there.',
      'For a missing library, ask ldd about the .node file and install the package that holds it.',
    ],
    link: 'https://nodejs.org/api/errors.html#err_dlopen_failed',
  },
  {
    id: 'command-not-found',
    title: 'The command or a shared library was not found',
    matches: ({ kind, status, frames }) =>
      kind === 'exit' && status.type === 'code' && status.code === 127 && frames.length === 0,
    meaning:
      'With exit code 127 a shell says that it did not find a command, and the loader that a shared library is missing.',
    steps: [
      'Read the last lines of standard error: they name the command or the library.',
      'Install it in the image, or put its directory into PATH.',
    ],
    link: 'https://man7.org/linux/man-pages/man8/ld.so.8.html',
  },
];

import { all, hasCode, inNode, isListening, not } from './conditions.ts';
import type { CatalogueEntry } from './known-cause.ts';

const SYSTEM_ERRORS = 'https://nodejs.org/api/errors.html#common-system-errors';
const isSpawning = inNode(/./, /^node:(?:internal\/)?child_process/);
const isWatching = inNode(/watch/i, /^node:(?:fs|internal\/fs\/)/);

export const FILES: readonly CatalogueEntry[] = [
  {
    id: 'too-many-open-files',
    title: 'Too many open files',
    matches: all(hasCode('EMFILE', 'ENFILE'), not(isWatching)),
    meaning:
      'The process, or the whole machine, may not open more files and sockets. Either they are opened and never closed, or too many are in use at once.',
    steps: [
      'List what is open, with ls -l /proc/PID/fd, and look for what keeps growing.',
      'Close files, sockets and watchers on every path, errors included.',
      'Limit how many files are worked on at once.',
      'Raise the limit only if the need is real: LimitNOFILE, ulimit -n.',
    ],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'too-many-watchers',
    title: 'Too many files are watched',
    matches: all(hasCode('ENOSPC', 'EMFILE'), isWatching),
    meaning: "The system's limit for watched files or watchers is reached. The disk need not be full.",
    steps: [
      'Do not watch files in production, and leave node_modules out.',
      'Raise fs.inotify.max_user_watches or fs.inotify.max_user_instances.',
    ],
    link: 'https://man7.org/linux/man-pages/man7/inotify.7.html',
  },
  {
    id: 'disk-full',
    title: 'No space is left on the disk',
    matches: all(hasCode('ENOSPC'), not(isWatching)),
    meaning: 'A write failed because the file system is full: of data, or of files.',
    steps: [
      'Look which file system is full, with df -h and df -i.',
      'Delete or rotate what grows: logs, temporary files, uploads.',
      'Handle the error where the app writes.',
    ],
    link: 'https://man7.org/linux/man-pages/man3/errno.3.html',
  },
  {
    id: 'program-not-found',
    title: 'A program to be started was not found',
    matches: all(hasCode('ENOENT'), isSpawning),
    meaning:
      'A child process could not be started: its program is not in PATH, or the directory that it was to start in does not exist. Nothing listened for the error.',
    steps: [
      'Check that the program is installed in this image and that PATH holds its directory.',
      "Check the option cwd, and add a listener for 'error' to the child process.",
    ],
    link: 'https://nodejs.org/api/child_process.html#event-error',
  },
  {
    id: 'file-not-found',
    title: 'A file or directory was not found',
    matches: all(hasCode('ENOENT'), not(isSpawning), not(isListening)),
    meaning: 'The app opened a file or directory that does not exist there, and nothing handled the error.',
    steps: [
      'Read the path in the private log on the instance.',
      'Check that the file is part of what is deployed, and from which directory the path is looked up.',
      'Handle the error if the file may be missing.',
    ],
    link: SYSTEM_ERRORS,
  },
];

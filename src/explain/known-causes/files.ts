import { all, hasCode, inNode, isListening, not } from './conditions.ts';
import type { CatalogEntry } from './known-cause.ts';

const SYSTEM_ERRORS = 'https://nodejs.org/api/errors.html#common-system-errors';
const isSpawning = inNode(/./, /^node:(?:internal\/)?child_process/);
const isWatching = inNode(/watch/i, /^node:(?:fs|internal\/fs\/)/);

export const FILES: readonly CatalogEntry[] = [
  {
    id: 'too-many-open-files',
    title: 'Too many open files',
    matches: all(hasCode('EMFILE', 'ENFILE'), not(isWatching)),
    meaning:
      'The process or the machine reached its limit of open files and sockets. Either they are never closed, or too many are in use at once.',
    steps: [
      'List open files with ls -l /proc/PID/fd, and look for what keeps growing.',
      'Close files, sockets and watchers on every path, errors included.',
      'Limit how many files are processed at once.',
      'Raise the limit (LimitNOFILE, ulimit -n) only if the app needs it.',
    ],
    link: SYSTEM_ERRORS,
  },
  {
    id: 'too-many-watchers',
    title: 'Too many watched files',
    matches: all(hasCode('ENOSPC', 'EMFILE'), isWatching),
    meaning: 'The system limit for watched files or watchers is reached. The disk may have space left.',
    steps: [
      'Do not watch files in production, and exclude node_modules.',
      'Raise fs.inotify.max_user_watches or fs.inotify.max_user_instances.',
    ],
    link: 'https://man7.org/linux/man-pages/man7/inotify.7.html',
  },
  {
    id: 'disk-full',
    title: 'No space left on device',
    matches: all(hasCode('ENOSPC'), not(isWatching)),
    meaning: 'A write failed because the file system has no free space or no free inodes.',
    steps: [
      'Find the full file system with df -h and df -i.',
      'Delete or rotate what grows: logs, temporary files, uploads.',
      'Handle the error where the app writes.',
    ],
    link: 'https://man7.org/linux/man-pages/man3/errno.3.html',
  },
  {
    id: 'program-not-found',
    title: 'A program to start was not found',
    matches: all(hasCode('ENOENT'), isSpawning),
    meaning:
      'A child process could not be started: its program is not in PATH, or its working directory does not exist. Nothing handled the error.',
    steps: [
      'Check that the program is installed in this image and that PATH contains its directory.',
      "Check the cwd option, and add an 'error' listener to the child process.",
    ],
    link: 'https://nodejs.org/api/child_process.html#event-error',
  },
  {
    id: 'file-not-found',
    title: 'A file or directory was not found',
    matches: all(hasCode('ENOENT'), not(isSpawning), not(isListening)),
    meaning: 'The app opened a file or directory that does not exist, and nothing handled the error.',
    steps: [
      'Read the path in the private log on the instance.',
      'Check that the file is deployed, and which directory the path is relative to.',
      'Handle the error if the file is optional.',
    ],
    link: SYSTEM_ERRORS,
  },
];

/**
 * What captures the end of a process that another supervisor started, and is attached while it runs; a process can have only
 * one. `exit-watch`: uncaught exceptions and exits of Node.js. `debugger`: fatal signals of any program.
 */
export type CaptureMeans = 'exit-watch' | 'debugger';

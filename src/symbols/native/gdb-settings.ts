/** Of a gdb that reads a core: no scripts from files (beside libraries or in debug sections), no network, plain text. */
export const GDB_SETTINGS = [
  'set auto-load off',
  'set debuginfod enabled off',
  'set auto-connect-native-target off',
  'set confirm off',
  'set style enabled off',
  'set width 0',
  'set height 0',
  'set print frame-info location-and-address',
  'set print address on',
  'set print symbol off',
  'set print inferior-events off',
  'set print thread-events off',
  'set filename-display absolute',
  'set max-value-size 4096',
];

// signal-exit replaces process.emit and process.reallyExit; whichever way the process ends, it cleans up before.
const { onExit, unload } = require('signal-exit');

onExit((code, signal) => console.log('first', code, signal));
const remove = onExit(() => console.log('removed'));
onExit((code, signal) => console.log('last', code, signal), { alwaysLast: true });
remove();

const ways = {
  ends: () => {},
  throws: () => {
    throw new TypeError('no such article');
  },
  rejects: async () => {
    throw new RangeError('nothing there');
  },
  exits: () => process.exit(3),
  'sets-the-code': () => {
    process.exitCode = 4;
  },
  'is-terminated': () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => {}, 5000);
  },
  'is-loaded-no-more': () => {
    unload();
    console.log(process.emit.length, process.emit.name, process.reallyExit.name);
    process.exit(5);
  },
};
setImmediate(ways[process.argv[2]]);

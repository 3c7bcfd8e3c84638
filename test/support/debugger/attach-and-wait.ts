// Usage: attach-and-wait PID. Stands for a crashmon that is killed.
import { attachDebugger } from '../../../src/debugger/attach-debugger.ts';

console.log('attaching');
const session = await attachDebugger({
  pid: Number(process.argv[2]),
  onFatal: () => {
    console.log('held');
    return new Promise(() => {});
  },
  onEvent: ({ type }) => console.log(type),
  holdLimitMs: 60_000,
  watchEverySeconds: 1,
});
console.log('failed' in session ? session.message : `attached ${session.debuggerPid}`);
